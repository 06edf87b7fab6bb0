// SPDX-License-Identifier: Apache-2.0
// What holds for every example of every op.
#include <gtest/gtest.h>

#include <set>

#include "support/host_op.h"

namespace assay::ops_tests {
namespace {

template <typename Check>
void for_every_example(const Check& check) {
  for (const OpEntry& entry : all_ops())
    for (const auto& op : entry.examples()) {
      SCOPED_TRACE(std::string(entry.kind) + " " + op->shape());
      check(entry, *op);
    }
}

TEST(Ops, HaveTheirOwnKindASummaryAndExamples) {
  std::set<std::string_view> kinds;
  for (const OpEntry& entry : all_ops()) {
    EXPECT_TRUE(kinds.insert(entry.kind).second) << entry.kind;
    EXPECT_FALSE(entry.summary.empty()) << entry.kind;
    EXPECT_GE(entry.examples().size(), 5u) << entry.kind;
  }
  for_every_example([](const OpEntry& entry, const Op& op) { EXPECT_EQ(op.kind(), entry.kind); });
}

TEST(Ops, HaveExamplesInF32AndInBf16AndOfShapesThatDiffer) {
  for (const OpEntry& entry : all_ops()) {
    std::set<std::string> shapes;
    std::set<DType> dtypes;
    for (const auto& op : entry.examples()) {
      EXPECT_TRUE(shapes.insert(op->shape()).second) << entry.kind << " " << op->shape() << " stands twice";
      dtypes.insert(op->dtype());
    }
    if (std::ranges::none_of(dtypes, is_floating)) continue;
    EXPECT_TRUE(dtypes.contains(DType::f32)) << entry.kind;
    if (entry.kind == "nms") continue;  // boxes are f32, whatever a network computes in
    EXPECT_TRUE(dtypes.contains(DType::bf16)) << entry.kind;
    EXPECT_TRUE(dtypes.contains(DType::f16)) << entry.kind;
  }
}

TEST(Ops, NameTheirTensorsAndAliasOnlyWhatIsAlike) {
  for_every_example([](const OpEntry&, const Op& op) {
    const std::vector<TensorSpec> inputs = op.inputs(), outputs = op.outputs();
    EXPECT_FALSE(inputs.empty());
    EXPECT_FALSE(outputs.empty());
    std::set<std::string> names;
    for (const TensorSpec& spec : inputs) {
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
      EXPECT_GT(spec.elements(), 0) << spec.name;
      EXPECT_FALSE(spec.aliases_input) << spec.name;
    }
    std::set<std::string> output_names;
    std::set<std::size_t> aliased;
    for (const TensorSpec& spec : outputs) {
      EXPECT_TRUE(output_names.insert(spec.name).second) << spec.name;
      if (!spec.aliases_input) continue;
      ASSERT_LT(*spec.aliases_input, inputs.size());
      EXPECT_TRUE(aliased.insert(*spec.aliases_input).second);
      EXPECT_EQ(spec.shape, inputs[*spec.aliases_input].shape);
      EXPECT_EQ(spec.dtype, inputs[*spec.aliases_input].dtype);
    }
  });
}

TEST(Ops, FillDataAtRandomAndIndicesWithinTheirRange) {
  for_every_example([](const OpEntry&, const Op& op) {
    for (const TensorSpec& spec : op.inputs()) {
      const bool real = spec.fill.kind == Fill::Kind::normal || spec.fill.kind == Fill::Kind::values;
      EXPECT_EQ(real, is_floating(spec.dtype)) << spec.name;
      if (spec.fill.kind == Fill::Kind::index) {
        EXPECT_GT(spec.fill.limit, 0) << spec.name;
      }
    }
  });
}

TEST(Ops, FitInAHundredMegabytes) {
  for_every_example(
      [](const OpEntry&, const Op& op) { EXPECT_LE(bytes_of(op.inputs()) + bytes_of(op.outputs()), 100e6); });
}

TEST(Ops, MoveSomeBytesAndNoMoreThanTheirTensorsHold) {
  for_every_example([](const OpEntry& entry, const Op& op) {
    const Cost cost = op.cost();
    EXPECT_GE(cost.flops, 0);
    if (op.moves_to()) {
      EXPECT_EQ(cost.moved(), (BytesByPath{{Path::host_link, bytes_of(op.inputs())}}));
      return;
    }
    EXPECT_GT(cost.memory().read, 0);
    EXPECT_GT(cost.memory().written, 0);
    if (entry.kind != "embedding") {  // rows may be read twice
      EXPECT_LE(cost.memory().read, bytes_of(op.inputs()));
    }
    EXPECT_LE(cost.memory().written, bytes_of(op.outputs()));
    double owned = 0;
    for (const TensorSpec& spec : op.outputs())
      if (!spec.aliases_input && !spec.rows_valid) owned += static_cast<double>(spec.bytes());
    EXPECT_GE(cost.memory().written, owned);
  });
}

TEST(Ops, AllowLittleErrorAndSayWhy) {
  for_every_example([](const OpEntry&, const Op& op) {
    const Tolerance tolerance = op.tolerance();
    ASSERT_FALSE(tolerance.factors.empty());
    for (const Tolerance::Factor& factor : tolerance.factors) EXPECT_FALSE(factor.name.empty());
    EXPECT_GE(tolerance.value(), 0);
    const bool f32 = op.outputs()[0].dtype == DType::f32 && op.dtype() == DType::f32;
    EXPECT_LT(tolerance.value(), f32 ? 1e-3 : 0.3) << tolerance.text();
  });
}

/// Small enough to run the whole reference.
bool small(const Op& op) {
  return bytes_of(op.inputs()) < 1e6 && op.units() <= 8192;
}

/// Whether reference() may leave this output unset, or what its count leaves of it.
bool left_to_objection(const Op& op, const Recorder& recorder, std::size_t output) {
  return op.judged_by_objection() &&
         (op.outputs()[output].rows_valid ||
          std::ranges::all_of(recorder.times[output], [](int times) { return times == 0; }));
}

TEST(Ops, ExpectEveryElementOfTheirOwnOutputsOnceAndOfAliasesAtMostOnce) {
  for_every_example([](const OpEntry&, const Op& op) {
    if (!small(op)) return;
    const Recorder recorder = expected_of(op, HostInputs(op));
    const std::vector<TensorSpec> outputs = op.outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const auto [least, most] = std::minmax_element(recorder.times[o].begin(), recorder.times[o].end());
      if (left_to_objection(op, recorder, o)) {
        EXPECT_LE(*most, 1) << outputs[o].name;
        continue;
      }
      EXPECT_EQ(*most, 1) << outputs[o].name;
      if (!outputs[o].aliases_input) {
        EXPECT_EQ(*least, 1) << outputs[o].name;
      }
    }
  });
}

TEST(Ops, ExpectFiniteValuesThatAreNotAllZero) {
  for_every_example([](const OpEntry&, const Op& op) {
    if (!small(op)) return;
    const Recorder recorder = expected_of(op, HostInputs(op));
    if (op.kind() == "sample") return;  // token 0 is a token
    for (std::size_t o = 0; o < recorder.values.size(); ++o) {
      if (left_to_objection(op, recorder, o)) continue;
      double largest = 0;
      for (std::size_t i = 0; i < recorder.values[o].size(); ++i) {
        if (recorder.times[o][i] == 0) continue;
        ASSERT_TRUE(std::isfinite(recorder.values[o][i]));
        largest = std::max(largest, std::abs(recorder.values[o][i]));
      }
      EXPECT_GT(largest, 0);
    }
  });
}

}  // namespace
}  // namespace assay::ops_tests
