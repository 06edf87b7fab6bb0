// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/test_ops.h"

namespace assay::plan_tests {
namespace {

const auto kScale = std::make_shared<Scale>(8);
const auto kStep = std::make_shared<Step2>(8);

TEST(Plan, AStepsOutputsAreNewActivationsNamedAfterIt) {
  Plan plan("test", "p");
  const Value x = plan.input({.name = "x", .shape = {8}});
  Stage& stage = plan.stage("go", 3, 8, "element");
  const auto y = plan.run(stage, "layers.0.scale", "scale", kScale, {x});
  ASSERT_EQ(y.size(), 1u);
  EXPECT_EQ(plan.tensor(y[0]).spec.name, "go.layers.0.scale.y");
  EXPECT_EQ(plan.tensor(y[0]).role, Role::activation);
  EXPECT_EQ(stage.steps[0].label, "scale");
}

TEST(Plan, AnOutputThatAliasesAnInputIsThatValue) {
  Plan plan("test", "p");
  const Value p = plan.state({.name = "p", .shape = {8}, .dtype = DType::i32});
  Stage& stage = plan.stage("go", 1, 1, "step");
  EXPECT_EQ(plan.run(stage, "step", "step", kStep, {p})[0].id, p.id);
  EXPECT_EQ(plan.tensors().size(), 1u);
}

TEST(Plan, AnOutputMayGoIntoExistingState) {
  Plan plan("test", "p");
  const Value x = plan.input({.name = "x", .shape = {8}}), s = plan.state({.name = "s", .shape = {8}});
  Stage& stage = plan.stage("go", 1, 1, "step");
  EXPECT_EQ(plan.run(stage, "scale", "scale", kScale, {x}, {s})[0].id, s.id);
}

TEST(Plan, RefusesWrongShapesTypesAndCounts) {
  Plan plan("test", "p");
  const Value small = plan.input({.name = "small", .shape = {7}});
  const Value half = plan.input({.name = "half", .shape = {8}, .dtype = DType::f16});
  const Value right = plan.input({.name = "right", .shape = {8}});
  Stage& stage = plan.stage("go", 1, 1, "step");
  EXPECT_THROW(plan.run(stage, "s", "s", kScale, {small}), std::logic_error);
  EXPECT_THROW(plan.run(stage, "s", "s", kScale, {half}), std::logic_error);
  EXPECT_THROW(plan.run(stage, "s", "s", kScale, {}), std::logic_error);
  EXPECT_THROW(plan.run(stage, "s", "s", kScale, {right}, {small}), std::logic_error);
  EXPECT_TRUE(stage.steps.empty());
}

TEST(Plan, AValueCrossesToTheOtherPlaceByACopyAlone) {
  Plan plan("test", "p");
  const auto upload = std::make_shared<Move>(8, Place::device),
             download = std::make_shared<Move>(8, Place::host);
  const Value x = plan.input({.name = "x", .shape = {8}}, Place::host);
  Stage& host = plan.stage("feed", 1, 1, "step", Place::host);
  Stage& device = plan.stage("go", 1, 1, "step");
  EXPECT_THROW(plan.run(device, "s", "s", kScale, {x}), std::logic_error) << "it lives on the host";
  EXPECT_THROW(plan.run(host, "u", "u", upload, {x}), std::logic_error) << "the device's queue copies";
  EXPECT_THROW(plan.run(device, "d", "d", download, {x}), std::logic_error) << "it is there already";
  const Value y = plan.run(device, "u", "u", upload, {x})[0];
  const Value z = plan.run(device, "s", "s", kScale, {y})[0];
  EXPECT_THROW(plan.run(host, "s", "s", kScale, {z}), std::logic_error);
  const Value back = plan.run(device, "d", "d", download, {z})[0];
  EXPECT_EQ(plan.tensor(back).place, Place::host);
  plan.run(host, "s2", "s", kScale, {back});
  EXPECT_THROW(plan.run(device, "s3", "s", kScale, {z}, {back}), std::logic_error)
      << "written from the device";
  EXPECT_TRUE(plan.uses_host());
}

/// y = x, where x stays on the host.
struct ReadsThere final : Op {
  std::string_view kind() const override { return "reads_there"; }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "x", .shape = {8}}, {.name = "z", .shape = {8}}};
  }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {8}}}; }
  Cost cost() const override { return {}; }
  std::optional<Place> input_place(std::size_t input) const override {
    return input == 0 ? std::optional(Place::host) : std::nullopt;
  }
  std::int64_t units() const override { return 8; }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  Tolerance tolerance() const override { return {}; }
};

/// y = 2 x + 1, which no device does.
struct OfTheHost final : Op {
  const Scale scale{8};
  std::string_view kind() const override { return "of_the_host"; }
  std::string shape() const override { return ""; }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override { return scale.inputs(); }
  std::vector<TensorSpec> outputs() const override { return scale.outputs(); }
  Cost cost() const override { return scale.cost(); }
  std::optional<Place> runs_at() const override { return Place::host; }
  std::int64_t units() const override { return 8; }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  Tolerance tolerance() const override { return {}; }
};

TEST(Plan, AnOpOfTheHostStandsInAStageOfTheHost) {
  Plan plan("test", "p");
  const auto op = std::make_shared<const OfTheHost>();
  const Value near = plan.input({.name = "near", .shape = {8}}),
              far = plan.input({.name = "far", .shape = {8}}, Place::host);
  EXPECT_THROW(plan.run(plan.stage("go", 1, 1, "step"), "s", "s", op, {near}), std::logic_error);
  const Value y = plan.run(plan.stage("feed", 1, 1, "step", Place::host), "s", "s", op, {far})[0];
  EXPECT_EQ(plan.tensor(y).place, Place::host);
}

TEST(Plan, AnOpMayReadOneInputWhereItLives) {
  Plan plan("test", "p");
  const Value near = plan.weight({.name = "near", .shape = {8}}, {});
  EXPECT_FALSE(plan.uses_host());
  const Value far = plan.weight({.name = "far", .shape = {8}}, {}, Place::host);
  EXPECT_TRUE(plan.uses_host()) << "somebody has to fill it";
  Stage& stage = plan.stage("go", 1, 1, "step");
  const auto op = std::make_shared<const ReadsThere>();
  EXPECT_THROW(plan.run(stage, "s", "s", op, {near, near}), std::logic_error);
  EXPECT_THROW(plan.run(stage, "s", "s", op, {far, far}), std::logic_error)
      << "the other one is the device's";
  const Value y = plan.run(stage, "s", "s", op, {far, near})[0];
  EXPECT_EQ(plan.tensor(y).place, Place::device);
}

TEST(Plan, APassCostsWhatItsTurnsDo) {
  Plan plan("test", "p");
  const Value x = plan.input({.name = "x", .shape = {8}});
  plan.run(plan.stage("once", 1, 1, "step"), "s", "s", kScale, {x});
  plan.run(plan.stage("loop", 5, 1, "step"), "s", "s", kScale, {x});
  plan.run(plan.stage("scheduled", 0, 1, "step"), "s", "s", kScale, {x});
  EXPECT_EQ(plan.times(0), 1);
  EXPECT_EQ(plan.times(1), 5);
  EXPECT_EQ(plan.times(2), 0);
  EXPECT_EQ(plan.pass_cost().flops, 6 * kScale->cost().flops);
  plan.pass.push_back({0, 2});
  EXPECT_EQ(plan.times(0), 3);
}

TEST(Plan, AStagesCostIsThatOfOneIteration) {
  Plan plan("test", "p");
  const Value x = plan.input({.name = "x", .shape = {8}});
  Stage& stage = plan.stage("go", 100, 8, "element");
  const Value y = plan.run(stage, "a", "scale", kScale, {x})[0];
  plan.run(stage, "b", "scale", kScale, {y});
  EXPECT_EQ(stage.cost().flops, 2 * 2 * 8);
  EXPECT_EQ(stage.cost().memory().read, 2 * 8 * 4);
  EXPECT_EQ(stage.cost().memory().written, 2 * 8 * 4);
}

TEST(Cost, AddsUpByPath) {
  Cost sum{.flops = 1, .bytes = in_memory({.read = 10, .written = 4})};
  sum +=
      {.flops = 2,
       .bytes = {{Path::memory, {.read = 1, .written = 2}}, {Path::host_link, {.read = 100, .written = 0}}}};
  EXPECT_EQ(sum.flops, 3);
  EXPECT_EQ(sum.memory().read, 11);
  EXPECT_EQ(sum.memory().written, 6);
  EXPECT_EQ(sum.moved(), (BytesByPath{{Path::memory, 17}, {Path::host_link, 100}}));
  EXPECT_EQ(sum.all_paths().read, 111);
  EXPECT_EQ(sum.all_paths().both(), 117);
  EXPECT_EQ(Cost{}.memory().both(), 0);
}

TEST(Plan, StagesStayWhereTheyAreAsMoreAreAdded) {
  Plan plan("test", "p");
  Stage& first = plan.stage("first", 1, 1, "step");
  for (int i = 0; i < 100; ++i) plan.stage("other", 1, 1, "step");
  EXPECT_EQ(plan.stages().front().get(), &first);
}

TEST(Plan, FindsTensorsByNameAndCountsWeights) {
  Plan plan("test", "p");
  plan.input({.name = "x", .shape = {8}});
  const Value w = plan.weight({.name = "w", .shape = {3, 5}, .dtype = DType::bf16}, {});
  EXPECT_EQ(plan.find("w")->id, w.id);
  EXPECT_FALSE(plan.find("nothing").has_value());
  EXPECT_EQ(plan.weight_bytes(), 30);
}

TEST(Tolerance, IsTheProductOfItsFactorsAndNothingWithoutThem) {
  const Tolerance tolerance{{{"a", 2}, {"b", 0.5}, {"c", 3}}};
  EXPECT_EQ(tolerance.value(), 3);
  EXPECT_EQ(tolerance.text(), "a x b x c");
  EXPECT_EQ(Tolerance{}.value(), 0);
}

TEST(Tolerance, KnowsOneRoundingOfWhatIsStored) {
  EXPECT_EQ((Tolerance{{epsilon_factor(DType::bf16), {"3 roundings", 3}}}.rounding()), epsilon(DType::bf16));
  EXPECT_FALSE((Tolerance{{{"exact: a copy", 0}}}.rounding()));
}

TEST(TensorSpec, CountsElementsAndBytes) {
  const TensorSpec spec{.name = "t", .shape = {1 << 20, 1 << 14}, .dtype = DType::f32};
  EXPECT_EQ(spec.elements(), std::int64_t{1} << 34);
  EXPECT_EQ(spec.bytes(), std::int64_t{1} << 36);
  EXPECT_EQ(text_of(spec.shape), "1048576x16384");
}

}  // namespace
}  // namespace assay::plan_tests
