// SPDX-License-Identifier: Apache-2.0
// Right answers that are not one number, and the ways in which integers deceive a judge.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "measure/verify.h"
#include "support/fake_device.h"
#include "support/lambda_kernel.h"

namespace assay::right_answers_tests {
namespace {

/// What all ops here have in common: one f32 input x [count].
struct Small : Op {
  explicit Small(std::int64_t elements) : count(elements) {}
  const std::int64_t count;
  double work = 0;  // above kReferenceBudget a sample of the units is checked

  std::string_view kind() const override { return "small"; }
  std::string shape() const override { return std::to_string(count); }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {count}}}; }
  Cost cost() const override { return {.flops = work}; }
  std::int64_t units() const override { return count; }
  Tolerance tolerance() const override { return {{{"exact", 0}}}; }
};

KernelCheck check(const Op& op, const LambdaKernel::Work& work) {
  FakeDevice device;
  LambdaKernel kernel(work);
  return verify_kernel(op, kernel, device, 1);
}
void expect_pass(const KernelCheck& check) {
  EXPECT_EQ(check.status, KernelCheck::Status::passed) << check.reason;
}

/// label[i] = i where x[i] > 0, else all bits one: an answer that looks like poison.
struct Label final : Small {
  Label(std::int64_t elements, DType type) : Small(elements), type(type) {}
  const DType type;
  double none() const { return type == DType::u8 ? 255 : -1; }
  double right(double x, std::int64_t i) const { return x > 0 ? static_cast<double>(i % 100) : none(); }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "label", .shape = {count}, .dtype = type}};
  }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, right(in[0][unit], unit));
  }
  /// A kernel that leaves out the elements for which `skips` holds.
  LambdaKernel::Work kernel(const std::function<bool(double, std::int64_t)>& skips) const {
    return [this, skips](Buffers in, Buffers out) {
      const auto x = in[0].as<float>();
      for (std::int64_t i = 0; i < count; ++i) {
        const double value = static_cast<double>(x[static_cast<std::size_t>(i)]);
        if (!skips(value, i)) store_element(type, out[0].data, i, right(value, i));
      }
    };
  }
};
bool nothing(double, std::int64_t) {
  return false;
}

TEST(IntegerOutputs, MayBeWhatPoisonIs) {
  for (const DType type : {DType::i32, DType::u8, DType::i8}) {
    const Label op(40, type);
    expect_pass(check(op, op.kernel(nothing)));
  }
}

TEST(IntegerOutputs, ThatNobodyWroteAreFoundThoughThePoisonIsTheRightAnswer) {
  for (const DType type : {DType::i32, DType::u8, DType::i8}) {
    const Label op(40, type);
    const KernelCheck lazy = check(op, op.kernel([](double x, std::int64_t) { return x <= 0; }));
    EXPECT_EQ(lazy.status, KernelCheck::Status::failed) << name(type);
    EXPECT_NE(lazy.reason.find("was never written"), std::string::npos) << lazy.reason;
  }
}

TEST(IntegerOutputs, ThatNobodyWroteAreFoundInASampleToo) {
  Label op(1000, DType::i32);
  op.work = 100 * kReferenceBudget;  // ten units are checked
  EXPECT_EQ(check(op, op.kernel(nothing)).checked, 10);
  expect_pass(check(op, op.kernel(nothing)));
  EXPECT_EQ(check(op, op.kernel([](double, std::int64_t i) { return i == 501; })).reason,
            "output label element 501 was never written");
}

/// y[i] = 7.
struct Seven final : Small {
  using Small::Small;
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "y", .shape = {count}, .dtype = DType::i32}};
  }
  void reference(std::span<const TensorView>, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, 7);
  }
};

TEST(IntegerOutputs, ThatAreTheSameEverywhereProveNothing) {
  const auto sevens = [](Buffers, Buffers out) { std::ranges::fill(out[0].as<std::int32_t>(), 7); };
  EXPECT_EQ(check(Seven(kTellingIntegers), sevens).reason,
            "output y: the reference is the same at all 16 elements compared, which proves nothing");
  expect_pass(check(Seven(kTellingIntegers - 1), sevens));  // so few may be so by chance
}

/// y[i] = x[i], and a kernel that writes somewhere else besides.
struct Copy final : Small {
  using Small::Small;
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {count}}}; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, in[0][unit]);
  }
};
LambdaKernel::Work copies_and_writes(std::int64_t element, bool to_input = false) {
  return [=](Buffers in, Buffers out) {
    std::ranges::copy(in[0].as<float>(), static_cast<float*>(out[0].data));
    static_cast<float*>((to_input ? in : out)[0].data)[element] = 0.5f;
  };
}

TEST(Guards, ShowWhatIsWrittenBesideABuffer) {
  Copy op(100);
  for (const double work : {0.0, 100 * kReferenceBudget}) {  // all units, or a sample
    op.work = work;
    EXPECT_EQ(check(op, copies_and_writes(100)).reason, "memory behind output y was written");
    EXPECT_EQ(check(op, copies_and_writes(-1)).reason, "memory before output y was written");
    EXPECT_EQ(check(op, copies_and_writes(1000)).reason, "memory behind output y was written");
    EXPECT_EQ(check(op, copies_and_writes(100, true)).reason, "memory behind input x was written");
  }
}

/// p[i] += 1 for the first half, in place.
struct Half final : Small {
  using Small::Small;
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "p", .shape = {count}, .dtype = DType::i32, .fill = Fill::cycle(1000)}};
  }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "p", .shape = {count}, .dtype = DType::i32, .aliases_input = 0}};
  }
  std::int64_t units() const override { return count / 2; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, in[0][unit] + 1);
  }
};
LambdaKernel::Work steps(std::size_t elements) {
  return [=](Buffers, Buffers out) {
    for (std::int32_t& p : out[0].as<std::int32_t>().first(elements)) ++p;
  };
}

TEST(InPlace, MoreThanItsUnitsWriteIsFoundInASampleToo) {
  Half op(1000);
  op.work = 100 * kReferenceBudget;
  expect_pass(check(op, steps(500)));
  EXPECT_EQ(check(op, steps(501)).reason, "output p: 501 elements have changed, and 500 units write 1 each");
  FakeDevice device;
  LambdaKernel behind([](Buffers in, Buffers out) {
    steps(500)(in, out);
    out[0].as<std::int32_t>().data()[1000] = 3;
  });
  EXPECT_EQ(verify_kernel(op, behind, device, 1).reason, "memory behind input p was written");
}

/// Two different indices whose x is above 0, in any order.
struct AnyTwo final : Small {
  explicit AnyTwo(bool objects) : Small(40), objects(objects) {}
  const bool objects;
  std::int64_t units() const override { return 2; }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "kept", .shape = {2}, .dtype = DType::i32}};
  }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  bool judged_by_objection() const override { return objects; }
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t unit) const override {
    const std::int64_t kept = out[0].integer(unit);
    if (kept < 0 || kept >= count) return "keeps an index that there is not";
    if (kept == out[0].integer(1 - unit)) return "keeps one twice";
    return in[0][kept] > 0 ? "" : "keeps " + std::to_string(kept) + ", which is not above 0";
  }
};
/// Writes the a-th and the b-th index whose x is above 0.
LambdaKernel::Work keeps(std::size_t a, std::size_t b) {
  return [=](Buffers in, Buffers out) {
    std::vector<std::int32_t> above;
    const auto x = in[0].as<float>();
    for (std::size_t i = 0; i < x.size(); ++i)
      if (x[i] > 0) above.push_back(static_cast<std::int32_t>(i));
    out[0].as<std::int32_t>()[0] = above.at(a);
    out[0].as<std::int32_t>()[1] = above.at(b);
  };
}

TEST(Objection, TakesEveryRightAnswer) {
  for (const auto& work : {keeps(0, 1), keeps(1, 0), keeps(5, 2)}) {
    const KernelCheck right = check(AnyTwo(true), work);
    expect_pass(right);
    EXPECT_EQ(right.checked, 2);  // units
  }
}

TEST(Objection, IsTheReasonOfAFailure) {
  EXPECT_EQ(check(AnyTwo(true), keeps(3, 3)).reason, "keeps one twice");
  EXPECT_EQ(
      check(AnyTwo(true),
            [](Buffers, Buffers out) { out[0].as<std::int32_t>()[0] = out[0].as<std::int32_t>()[1] = 99; })
          .reason,
      "keeps an index that there is not");
}

TEST(Objection, SparesNobodyFromWriting) {
  EXPECT_NE(check(AnyTwo(true), [](Buffers, Buffers) {}).status, KernelCheck::Status::passed);
}

TEST(Objection, MustBeDeclaredWhereTheReferenceSetsNothing) {
  EXPECT_EQ(check(AnyTwo(false), keeps(0, 1)).reason, "output kept: nothing was compared");
}

/// The elements of each part of x that are above 0, packed to the front, and how many they are.
struct Pack final : Small {
  explicit Pack(std::int64_t parts = 2) : Small(parts * kRows) {}
  static constexpr std::int64_t kRows = 30;
  std::int64_t units() const override { return count / kRows; }
  std::vector<TensorSpec> outputs() const override {
    return {{.name = "packed", .shape = {units(), kRows, 1}, .rows_valid = 1},
            {.name = "counts", .shape = {units()}, .dtype = DType::i32}};
  }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < kRows; ++i)
      if (const double x = in[0][unit * kRows + i]; x > 0) out.set(0, unit * kRows + next++, x);
    out.set(1, unit, static_cast<double>(next));
  }
};
/// `spoils` changes what a right kernel has written.
LambdaKernel::Work packs(const std::function<void(std::span<float>, std::span<std::int32_t>)>& spoils) {
  return [spoils](Buffers in, Buffers out) {
    const auto x = in[0].as<float>(), packed = out[0].as<float>();
    const auto counts = out[1].as<std::int32_t>();
    for (std::size_t part = 0; part < counts.size(); ++part) {
      std::size_t next = 0;
      for (std::size_t i = 0; i < Pack::kRows; ++i)
        if (x[part * Pack::kRows + i] > 0) packed[part * Pack::kRows + next++] = x[part * Pack::kRows + i];
      counts[part] = static_cast<std::int32_t>(next);
    }
    spoils(packed, counts);
  };
}

TEST(RowsValid, LeaveTheRestToNobody) {
  expect_pass(check(Pack(), packs([](auto, auto) {})));
  expect_pass(check(Pack(), packs([](auto packed, auto) { packed[Pack::kRows - 1] = 77; })));
}

TEST(RowsValid, AreAllThatMustBeWrittenWhereASampleIsChecked) {
  Pack op(1000);
  op.work = 100 * kReferenceBudget;  // ten parts are checked
  expect_pass(check(op, packs([](auto, auto) {})));
  const auto unwrite = [](auto packed, auto) {
    std::memset(&packed[501 * Pack::kRows], 0xff, sizeof(float));
  };
  EXPECT_EQ(check(op, packs(unwrite)).reason, "output packed element 15030 was never written");
}

TEST(RowsValid, AreJudgedAsElementsAre) {
  const KernelCheck wrong = check(Pack(), packs([](auto packed, auto) { packed[Pack::kRows] = 77; }));
  EXPECT_EQ(wrong.reason.find("output packed element 30: expected "), 0u) << wrong.reason;
  const KernelCheck fewer = check(Pack(), packs([](auto, auto counts) { --counts[1]; }));
  EXPECT_EQ(fewer.reason.find("output counts element 1: expected "), 0u) << fewer.reason;
}

TEST(RowsValid, AreNoMoreThanThereAreAndNoFewerThanNone) {
  EXPECT_EQ(check(Pack(), packs([](auto, auto counts) { counts[1] = 31; })).reason,
            "output counts element 1 counts 31 rows of output packed, which has 30");
  EXPECT_EQ(check(Pack(), packs([](auto, auto counts) { counts[0] = -2; })).reason,
            "output counts element 0 counts -2 rows of output packed, which has 30");
  EXPECT_EQ(check(Pack(), [](Buffers, Buffers) {}).reason, "output counts element 0 was never written");
}

}  // namespace
}  // namespace assay::right_answers_tests
