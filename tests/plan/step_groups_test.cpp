// SPDX-License-Identifier: Apache-2.0
#include "plan/step_groups.h"

#include <gtest/gtest.h>

#include "support/test_plan.h"

namespace assay::step_groups_tests {
namespace {

TEST(StepGroups, RepeatsOfALayerAreOneLine) {
  const Plan plan = test_plan();
  const std::vector<StepGroup> load = step_groups(*plan.stages()[0]);
  ASSERT_EQ(load.size(), 1u);
  EXPECT_EQ(load[0].label, "scale");
  EXPECT_EQ(load[0].steps, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(step_groups(*plan.stages()[1]).size(), 2u);
}

TEST(StepGroups, OpsThatShareALabelAreToldApartByANumber) {
  Plan plan("test", "two shapes");
  Stage& stage = plan.stage("go", 1, 1, "step");
  for (const std::int64_t elements : {64, 32, 64}) {
    const Value x = plan.input({.name = "x" + std::to_string(stage.steps.size()), .shape = {elements}});
    plan.run(stage, "s" + std::to_string(stage.steps.size()), "scale", std::make_shared<Scale>(elements),
             {x});
  }
  const std::vector<StepGroup> groups = step_groups(stage);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].name, "scale");
  EXPECT_EQ(groups[0].steps, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(groups[1].name, "scale 2");
  EXPECT_EQ(distinct_ops(plan).size(), 2u);
}

TEST(StepGroups, KnowWhichInputsAreWeightsWhereverAnOpIsCalled) {
  Plan plan("test", "weights");
  const auto scale = std::make_shared<Scale>(32);
  const Value a = plan.weight({.name = "a", .shape = {32}}, {}),
              b = plan.weight({.name = "b", .shape = {32}}, {});
  Stage& stage = plan.stage("go", 1, 1, "step");
  plan.run(stage, "first", "scale", scale, {a});
  plan.run(stage, "second", "scale", scale, {b});
  const Value again = plan.run(stage, "third", "scale", scale, {a})[0];
  const std::vector<std::size_t> all = {0}, none;
  EXPECT_EQ(weight_inputs(plan, *scale), all);
  EXPECT_EQ(input_sets(plan, *scale, all), 2) << "a and b";
  EXPECT_EQ(input_sets(plan, *scale, none), 1) << "one kernel serves all steps";

  plan.run(stage, "fourth", "scale", scale, {again});
  EXPECT_EQ(weight_inputs(plan, *scale), none) << "once it is an activation";
  EXPECT_EQ(input_sets(plan, *scale, all), 3);
  EXPECT_EQ(input_sets(plan, Scale(64), none), 0) << "nothing calls it";
}

}  // namespace
}  // namespace assay::step_groups_tests
