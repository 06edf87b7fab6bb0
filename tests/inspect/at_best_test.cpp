// SPDX-License-Identifier: Apache-2.0
#include "inspect/at_best.h"

#include "inspect/notes.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/catalogue_board.h"
#include "support/test_plan.h"

namespace assay::at_best_tests {
namespace {

/// Of the plan's first stage.
StageAtBest first(const Plan& plan, const CatalogueDevice& board) {
  return at_best(work_of(plan).front(), board);
}

// Two steps that share a weight and leave a value to each other: the value may stay on the chip, and the
// weight is read once.
TEST(AtBest, BoundsAStageByWhatEveryImplementationMustMove) {
  Plan plan("test", "two steps");
  const Value w = plan.weight({.name = "w", .shape = {kTestElements}}, {});
  Stage& stage = plan.stage("load", 1, 1, "element");
  const auto scale = std::make_shared<Scale>(kTestElements);
  plan.run(stage, "a", "a", scale, {w});
  const Value made = plan.run(stage, "b", "b", scale, {w}).front();
  plan.run(stage, "c", "c", scale, {made});
  const StageAtBest best = first(plan, board_of(1, 1));
  EXPECT_DOUBLE_EQ(best.bound_s.value(), 4.0 * kTestElements / 1e9);
  EXPECT_DOUBLE_EQ(best.op_by_op_s.value(), 6 * 4.0 * kTestElements / 1e9);
  EXPECT_EQ(best.binds, Bound::memory);
}

TEST(AtBest, SaysThatArithmeticBindsWhereItTakesLonger) {
  const Plan plan = test_plan();
  const StageAtBest best = first(plan, board_of(1, 1e-9));  // 1000 FLOP/s
  EXPECT_EQ(best.binds, Bound::compute);
  EXPECT_DOUBLE_EQ(best.bound_s.value(), plan.stages()[0]->cost().flops / 1e3);
}

/// 60 bytes from the host into the device's memory, which takes in what comes.
struct Upload final : Op {
  std::string_view kind() const override { return "upload"; }
  std::string shape() const override { return "15"; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {15}}}; }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {15}}}; }
  Cost cost() const override {
    return {
        .flops = 0,
        .bytes = {{Path::memory, {.read = 0, .written = 60}}, {Path::host_link, {.read = 60, .written = 0}}}};
  }
  std::int64_t units() const override { return 15; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, in[0][unit]);
  }
  Tolerance tolerance() const override { return {}; }
};

TEST(AtBest, CountsTheBytesOfEveryPathAtItsOwnRate) {
  Plan plan("test", "one step");
  const Value x = plan.input({.name = "x", .shape = {15}});
  plan.run(plan.stage("load", 1, 1, "element"), "upload", "upload", std::make_shared<Upload>(), {x});
  CatalogueDevice board = board_of(1, 1);
  EXPECT_FALSE(first(plan, board).op_by_op_s) << "a slot of unknown width";
  EXPECT_FALSE(first(plan, board).bound_s);
  board.host_gb_per_s = 0.5;
  EXPECT_DOUBLE_EQ(first(plan, board).op_by_op_s.value(), 60 / 0.5e9);
  EXPECT_DOUBLE_EQ(first(plan, board).bound_s.value(), 60 / 0.5e9);
  EXPECT_EQ(first(plan, board).binds, Bound::host_link);
}

TEST(AtBest, IsUnknownWhereTheCatalogueHasNoRate) {
  for (const StageWork& stage : work_of(test_plan())) {
    EXPECT_TRUE(at_best(stage, board_of(1, 1)).bound_s)
        << "an op that counts in i32 has no FLOPs, and needs no rate";
    EXPECT_FALSE(at_best(stage, board_of(1, 0)).bound_s);
    EXPECT_FALSE(at_best(stage, board_of(1, 0)).op_by_op_s);
    EXPECT_FALSE(at_best(stage, board_of(1, 0)).binds);
  }
}

TEST(AtBest, MakesTimesAndRatesOfStagesAndOfPassesAndNoShares) {
  Plan plan = test_plan();  // load once, loop 4 times
  plan.metrics.push_back({.name = "pass_s", .of = std::string(kPassSeries), .unit = "s", .definition = ""});
  plan.metrics.push_back(
      {.name = "load_p99_s", .of = "stage/load", .unit = "s", .definition = "", .stat = Stat::p99});
  const std::vector<StageAtBest> stages = {{.bound_s = 2, .op_by_op_s = 3, .binds = Bound::memory},
                                           {.bound_s = 0.5, .op_by_op_s = {}, .binds = Bound::memory}};
  const std::vector<MetricAtBest> metrics = metrics_at_best(plan, stages);
  ASSERT_EQ(metrics.size(), 3u);
  EXPECT_EQ(metrics[0].name, "load_s");
  EXPECT_EQ(metrics[0].bound, 2);
  EXPECT_EQ(metrics[0].op_by_op, 3);
  EXPECT_EQ(metrics[1].name, "tokens_per_s");
  EXPECT_EQ(metrics[1].bound, 2 / 0.5);
  EXPECT_EQ(metrics[1].op_by_op, std::nullopt);
  EXPECT_EQ(metrics[2].name, "pass_s");
  EXPECT_EQ(metrics[2].bound, 2 + 4 * 0.5);
}

/// So many FLOPs in a number format.
struct Multiply final : Op {
  explicit Multiply(DType type) : type_(type) {}
  std::string_view kind() const override { return "multiply"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override { return "1"; }
  DType dtype() const override { return type_; }
  std::vector<TensorSpec> inputs() const override { return {{.name = "x", .shape = {1}}}; }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {1}}}; }
  Cost cost() const override { return {.flops = 1e12, .bytes = in_memory({.read = 4, .written = 4})}; }
  std::int64_t units() const override { return 1; }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  Tolerance tolerance() const override { return {}; }

 private:
  const DType type_;
};

Plan multiplying(DType type) {
  Plan plan("test", "one product");
  const Value x = plan.input({.name = "x", .shape = {1}});
  plan.run(plan.stage("load", 1, 1, "element"), "product", "product", std::make_shared<Multiply>(type), {x});
  return plan;
}

TEST(AtBest, MultipliesEightBitsInSixteenWhereADeviceHasNoUnitsForThem) {
  CatalogueDevice board = board_of(1, 1);
  board.half = 2;  // TFLOP/s
  EXPECT_DOUBLE_EQ(first(multiplying(DType::f8e4m3), board).bound_s.value(), 0.5);
  EXPECT_DOUBLE_EQ(first(multiplying(DType::i8), board).bound_s.value(), 0.5);
  board.fp8 = 4;
  EXPECT_DOUBLE_EQ(first(multiplying(DType::f8e4m3), board).bound_s.value(), 0.25);
  EXPECT_DOUBLE_EQ(first(multiplying(DType::i8), board).bound_s.value(), 0.25) << "no board does int8 faster";
  board.int8 = 8;
  EXPECT_DOUBLE_EQ(first(multiplying(DType::i8), board).bound_s.value(), 0.125);
}

TEST(Notes, SayWhichOpsHaveNoKernelYet) {
  Plan plan = multiplying(DType::bf16);
  plan.notes.emplace_back("Another.");
  EXPECT_EQ(notes_of(plan),
            (std::vector<std::string>{"Sized, not executed: no kernel computes multiply yet.", "Another."}));
  EXPECT_TRUE(notes_of(test_plan()).empty());
}

}  // namespace
}  // namespace assay::at_best_tests
