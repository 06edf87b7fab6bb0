// SPDX-License-Identifier: Apache-2.0
#include "kernels/embedding_bag/embedding_bag.h"

#include <gtest/gtest.h>

#include <bit>

#include "device/backend.h"
#include "measure/op_data.h"
#include "support/expect_error.h"
#include "support/host_op.h"
#include "support/poisoned_bags.h"

namespace assay::embedding_bag_tests {
namespace {

using Params = EmbeddingBag::Params;
using Pooling = EmbeddingBag::Pooling;

/// Two tables of 3 and 2 rows, two samples: bags of rows {2, 0} and none in the first, {1} and {1, 0, 1} in
/// the second.
const Params kTwoTables{.table_rows = {3, 2}, .dim = 2, .batch = 2, .lookups = 6, .row_type = DType::f32};
const std::vector<double> kRows = {1, 2, 3, 4, 5, 6, /* second table */ 10, 20, 30, 40};
const std::vector<double> kIds = {2, 0, 1, 1, 0, 1}, kOffsets = {0, 2, 2, 3, 6};

TEST(EmbeddingBag, SumsTheRowsOfEachTableAndLeavesAnEmptyBagZero) {
  const Recorder y = expected_of(EmbeddingBag(kTwoTables), {kRows, kIds, kOffsets});
  EXPECT_EQ(y.values[0], (std::vector<double>{6, 8, 30, 40, /* second sample */ 0, 0, 70, 100}));
}

TEST(EmbeddingBag, DividesAMeanByTheLookupsOfItsBag) {
  Params p = kTwoTables;
  p.pooling = Pooling::mean;
  const Recorder y = expected_of(EmbeddingBag(p), {kRows, kIds, kOffsets});
  EXPECT_EQ(y.values[0], (std::vector<double>{3, 4, 30, 40, 0, 0, 70.0 / 3, 100.0 / 3}));
}

TEST(EmbeddingBag, MultipliesByTheWeightOfTheLookup) {
  Params p = kTwoTables;
  p.weighted = true;
  const Recorder y = expected_of(EmbeddingBag(p), {kRows, kIds, kOffsets, {10, 1, 2, 1, 0, -2}});
  EXPECT_EQ(y.values[0], (std::vector<double>{51, 62, 60, 80, 0, 0, -30, -40}));
}

TEST(EmbeddingBag, OneHotNeedsNoOffsets) {
  Params p = kTwoTables;
  p.one_hot = true;
  p.lookups = 4;
  const Recorder y = expected_of(EmbeddingBag(p), {kRows, {2, 0, 1, 1}});
  EXPECT_EQ(y.values[0], (std::vector<double>{5, 6, 30, 40, 1, 2, 30, 40}));
  EXPECT_EQ(EmbeddingBag(p).tolerance().value(), 0) << "it copies";
}

TEST(EmbeddingBag, DecodesARowOfBytesByItsOwnScaleAndBias) {
  const EmbeddingBag op({.table_rows = {2}, .dim = 3, .batch = 1, .lookups = 2, .row_type = DType::u8});
  std::vector<double> rows;
  const auto add = [&](std::vector<double> values, float scale, float bias) {
    rows.insert(rows.end(), values.begin(), values.end());
    for (const float tail : {scale, bias})
      for (int i = 0; i < 4; ++i) rows.push_back(std::bit_cast<std::uint32_t>(tail) >> (8 * i) & 0xff);
  };
  add({0, 1, 255}, 0.5f, -1);
  add({4, 2, 0}, 0.25f, 100);
  EXPECT_EQ(op.inputs()[0].bytes(), 2 * (3 + 8));
  EXPECT_EQ(expected_of(op, {rows, {0, 1}, {0, 2}}).values[0],
            (std::vector<double>{-1 + 101, -0.5 + 100.5, 126.5 + 100}));
}

// ---------------------------------------------------------------- cost

TEST(EmbeddingBag, CountsAnAddForAllLookupsButTheFirstOfABag) {
  const Params p{.table_rows = {1000, 50}, .dim = 8, .batch = 4, .lookups = 30, .row_type = DType::f32};
  const Cost cost = EmbeddingBag(p).cost();
  EXPECT_EQ(cost.flops, 8 * (30 - 8));
  EXPECT_EQ(cost.memory().read, 30 * 32 + 30 * 4 + 9 * 4);
  EXPECT_EQ(cost.memory().written, 4 * 2 * 8 * 4);
}

TEST(EmbeddingBag, CountsWeightsDecodingAndMeans) {
  Params p{.table_rows = {1000, 50},
           .dim = 8,
           .batch = 4,
           .lookups = 30,
           .row_type = DType::bf16,
           .weighted = true};
  EXPECT_EQ(EmbeddingBag(p).cost().flops, 8 * (30 + 30 - 8));
  EXPECT_EQ(EmbeddingBag(p).cost().memory().read, 30 * 16 + 2 * 30 * 4 + 9 * 4);
  p.row_type = DType::u8;  // the weight goes into scale and bias, once a row
  EXPECT_EQ(EmbeddingBag(p).cost().flops, 8 * (2 * 30 + 30 - 8));
  EXPECT_EQ(EmbeddingBag(p).cost().memory().read, 30 * 16 + 2 * 30 * 4 + 9 * 4);
  p.weighted = false;
  p.pooling = Pooling::mean;
  EXPECT_EQ(EmbeddingBag(p).cost().flops, 8 * (2 * 30 + 30 - 8 + 8));
}

TEST(EmbeddingBag, CountsARowOnceHoweverOftenItIsLookedUp) {
  Params p{.table_rows = {5, 6}, .dim = 4, .batch = 100, .lookups = 400, .row_type = DType::f32};
  EXPECT_EQ(EmbeddingBag(p).cost().memory().read, 11 * 16 + 400 * 4 + 201 * 4) << "no table has more rows";
  p.distinct_rows = 7;
  EXPECT_EQ(EmbeddingBag(p).cost().memory().read, 7 * 16 + 400 * 4 + 201 * 4);
  p = {.table_rows = {5, 1000},
       .dim = 4,
       .batch = 100,
       .lookups = 200,
       .row_type = DType::f32,
       .one_hot = true};
  EXPECT_EQ(EmbeddingBag(p).cost().memory().read, (5 + 100) * 16 + 200 * 4) << "a table has all its ids";
  EXPECT_EQ(EmbeddingBag(p).cost().flops, 0);
}

TEST(EmbeddingBag, CountsRowsOfTheHostOverTheLink) {
  Params p = kTwoTables;
  p.tables = Place::host;
  const Cost cost = EmbeddingBag(p).cost();
  EXPECT_EQ(cost.bytes.at(Path::host_link).read, 5 * 8);
  EXPECT_EQ(cost.bytes.at(Path::host_link).written, 0);
  EXPECT_EQ(cost.memory().read, 6 * 4 + 5 * 4);
  EXPECT_EQ(EmbeddingBag(p).input_place(0), Place::host);
  EXPECT_EQ(EmbeddingBag(p).input_place(1), std::nullopt);
  EXPECT_EQ(EmbeddingBag(kTwoTables).input_place(0), std::nullopt);
}

TEST(EmbeddingBag, TellsOpsOfOneSizeApart) {
  Params p = kTwoTables;
  const std::string shape = EmbeddingBag(p).shape();
  const auto differs = [&](const Params& other) { return EmbeddingBag(other).shape() != shape; };
  EXPECT_FALSE(differs(p));
  p.table_rows = {2, 3};
  EXPECT_TRUE(differs(p)) << "the same number of rows in other tables";
  p = kTwoTables, p.pooling = Pooling::mean;
  EXPECT_TRUE(differs(p));
  p = kTwoTables, p.tables = Place::host;
  EXPECT_TRUE(differs(p));
  p = kTwoTables, p.distinct_rows = 4;
  EXPECT_TRUE(differs(p));
}

TEST(EmbeddingBag, RefusesWhatMakesNoSense) {
  const auto with = [](auto change) {
    Params p = kTwoTables;
    change(p);
    EXPECT_THROW(EmbeddingBag{p}, std::logic_error);
  };
  with([](Params& p) { p.table_rows = {}; });
  with([](Params& p) { p.table_rows = {3, 0}; });
  with([](Params& p) { p.one_hot = true; });  // 6 lookups are not 4
  with([](Params& p) { p.row_type = DType::i32; });
  with([](Params& p) { p.out = DType::u8; });
  with([](Params& p) {
    p.weighted = true;
    p.pooling = Pooling::mean;
  });
}

// ---------------------------------------------------------------- ids and offsets that name nothing

TEST(EmbeddingBag, NamesTableBagAndValueOfWhatIsOutOfRange) {
  const EmbeddingBag op(kTwoTables);
  const auto wrong = [&](const std::vector<double>& ids, const std::vector<double>& offsets) {
    return op.check_inputs(HostInputs(op, {kRows, ids, offsets}).views());
  };
  EXPECT_EQ(wrong(kIds, kOffsets), "");
  EXPECT_EQ(wrong({2, 3, 1, 1, 0, 1}, kOffsets), "table 0, bag 0: row 3 of 3, at lookup 1");
  EXPECT_EQ(wrong({2, 0, 1, 1, 0, 2}, kOffsets), "table 1, bag 1: row 2 of 2, at lookup 5");
  EXPECT_EQ(wrong({2, 0, -1, 1, 0, 1}, kOffsets), "table 1, bag 0: row -1 of 2, at lookup 2");
  EXPECT_EQ(wrong(kIds, {1, 2, 2, 3, 6}), "table 0, bag 0: begins at lookup 1 and not at 0");
  EXPECT_EQ(wrong(kIds, {0, 2, 1, 3, 6}), "table 0, bag 1: lookups 2 to 1 of 6");
  EXPECT_EQ(wrong(kIds, {0, 2, 2, 3, 7}), "table 1, bag 1: lookups 3 to 7 of 6");
  EXPECT_EQ(wrong(kIds, {0, 2, 2, 3, 5}), "table 1, bag 1: ends at lookup 5 of 6");
}

struct EmbeddingBagKernels : ::testing::Test {
  EmbeddingBagKernels() : device(cpu_backend().open(0)), lane(device->lane({})) {}
  std::unique_ptr<Device> device;
  std::unique_ptr<Lane> lane;
};

/// `ids` are written over those of the op's own fill.
struct FilledBag final : Op {
  explicit FilledBag(const Params& p, Fill ids) : bag(p), ids(std::move(ids)) {}
  const EmbeddingBag bag;
  const Fill ids;
  std::string_view kind() const override { return bag.kind(); }
  std::string shape() const override { return bag.shape(); }
  DType dtype() const override { return bag.dtype(); }
  std::vector<TensorSpec> inputs() const override {
    std::vector<TensorSpec> specs = bag.inputs();
    specs[EmbeddingBag::kIds].fill = ids;
    return specs;
  }
  std::vector<TensorSpec> outputs() const override { return bag.outputs(); }
  Cost cost() const override { return bag.cost(); }
  std::string check_inputs(std::span<const TensorView> in) const override { return bag.check_inputs(in); }
  std::int64_t units() const override { return bag.units(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    bag.reference(in, unit, out);
  }
  Tolerance tolerance() const override { return bag.tolerance(); }
};

TEST_F(EmbeddingBagKernels, AreNotLaunchedOnIdsThatNoTableHas) {
  const Params p{.table_rows = {10, 4}, .dim = 16, .batch = 3, .lookups = 40, .row_type = DType::f32};
  for (const KernelEntry& entry : cpu_backend().kernels) {
    if (entry.op != "embedding_bag") continue;
    OpData data(std::make_shared<FilledBag>(p, Fill::index(10)), *lane, 3);
    const auto kernel = entry.make(EmbeddingBag(p), *lane);
    const KernelCheck check = data.verify(*kernel);
    EXPECT_EQ(check.status, KernelCheck::Status::failed);
    ASSAY_EXPECT_HAS(check.reason, "table 1, bag 1: row ");
    EXPECT_EQ(check.checked, 0);
  }
}

TEST_F(EmbeddingBagKernels, LeaveOutRowsThatNoTableHasAndLookupsThatThereAreNot) {
  expect_poisoned_bags_are_zero(*lane, cpu_backend().kernels);
}

// Kernels may take several rows a step: one that is not there takes none of the others with it.
TEST_F(EmbeddingBagKernels, AddTheRowsAroundOneThatNoTableHas) {
  const std::vector<std::int32_t> with = {1, 0, 7, 2, 2, -1, 1, 0, 2, 1, 3},
                                  without = {1, 0, 2, 2, 1, 0, 2, 1};
  const auto sums = [&](const KernelEntry& entry, DType type, const std::vector<std::int32_t>& ids) {
    const auto lookups = static_cast<std::int64_t>(ids.size());
    const EmbeddingBag op({.table_rows = {3}, .dim = 21, .batch = 1, .lookups = lookups, .row_type = type});
    const std::vector<std::int32_t> offsets = {0, static_cast<std::int32_t>(lookups)};
    std::vector<std::unique_ptr<Memory>> memory;
    std::vector<Buffer> in;
    for (const TensorSpec& spec : op.inputs()) {
      memory.push_back(device->allocate(spec.bytes()));
      in.push_back(memory.back()->buffer());
    }
    lane->fill(in[EmbeddingBag::kRows], op.inputs()[EmbeddingBag::kRows], 1);
    lane->write(in[EmbeddingBag::kIds], ids.data(), lookups * 4);
    lane->write(in[EmbeddingBag::kOffsets], offsets.data(), 8);
    std::vector<float> y(21);
    const Buffer out{y.data(), 21 * 4};
    entry.make(op, *lane)->launch(lane->stream(), in, std::span(&out, 1));
    return y;
  };
  for (const KernelEntry& entry : cpu_backend().kernels)
    for (const DType type : {DType::f32, DType::u8}) {
      if (entry.op != "embedding_bag") continue;
      const std::vector<float> some = sums(entry, type, with), all = sums(entry, type, without);
      for (std::size_t c = 0; c < some.size(); ++c)
        EXPECT_NEAR(some[c], all[c], 1e-5) << entry.name << " " << name(type) << " " << c;
    }
}

// A thread begins where another one ends, within a table and between them, and none is alone.
TEST_F(EmbeddingBagKernels, ShareBagsAmongThreads) {
  const auto op = std::make_shared<const EmbeddingBag>(Params{.table_rows = {700, 5, 900},
                                                              .dim = 40,
                                                              .batch = 61,
                                                              .lookups = 7000,
                                                              .row_type = DType::f16,
                                                              .longest = 300});
  for (const KernelEntry& entry : cpu_backend().kernels) {
    if (entry.op != "embedding_bag") continue;
    OpData data(op, *lane, 3);
    const KernelCheck check = data.verify(*entry.make(*op, *lane));
    EXPECT_EQ(check.status, KernelCheck::Status::passed) << check.reason;
    EXPECT_EQ(check.checked, 61 * 3 * 40);
  }
}

}  // namespace
}  // namespace assay::embedding_bag_tests
