// SPDX-License-Identifier: Apache-2.0
#include "plan/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/test_ops.h"

namespace assay {
namespace {

constexpr std::int64_t kElements = 64;  // f32: 256 bytes, one unit of alignment

/// x -> scale -> scale -> ... in one stage.
struct Chain {
  explicit Chain(int steps) {
    Value v = plan.input({.name = "x", .shape = {kElements}});
    Stage& stage = plan.stage("go", 1, 1, "step");
    for (int i = 0; i < steps; ++i)
      values.push_back(
          v = plan.run(stage, "s" + std::to_string(i), "s", std::make_shared<Scale>(kElements), {v})[0]);
  }
  Plan plan{"test", "chain"};
  std::vector<Value> values;
};

TEST(PlanMemory, AChainNeedsTwoActivationsHoweverLongItIs) {
  // Each step reads one and writes another.
  EXPECT_EQ(plan_memory(Chain(2).plan).arena_bytes, 512);
  EXPECT_EQ(plan_memory(Chain(50).plan).arena_bytes, 512);
}

TEST(PlanMemory, TensorsAliveTogetherNeverOverlap) {
  const Chain chain(7);
  const MemoryPlan memory = plan_memory(chain.plan);
  for (std::size_t i = 0; i + 1 < chain.values.size(); ++i)
    EXPECT_NE(memory.offsets[chain.values[i].id], memory.offsets[chain.values[i + 1].id]);
}

TEST(PlanMemory, ResidualsStayUntilTheirLastReader) {
  // a is read again by the last step: it may not be overwritten by c or d in between.
  Plan plan("test", "residual");
  const auto scale = std::make_shared<Scale>(kElements);
  const Value x = plan.input({.name = "x", .shape = {kElements}});
  Stage& stage = plan.stage("go", 1, 1, "step");
  const Value a = plan.run(stage, "a", "s", scale, {x})[0];
  const Value b = plan.run(stage, "b", "s", scale, {a})[0];
  const Value c = plan.run(stage, "c", "s", scale, {b})[0];
  plan.run(stage, "d", "s", scale, {c});
  plan.run(stage, "e", "s", scale, {a});
  const MemoryPlan memory = plan_memory(plan);
  EXPECT_NE(memory.offsets[a.id], memory.offsets[b.id]);
  EXPECT_NE(memory.offsets[a.id], memory.offsets[c.id]);
  EXPECT_EQ(memory.arena_bytes, 3 * 256);
}

TEST(PlanMemory, OutputsOfThePlanStayToTheEnd) {
  Chain chain(5);
  chain.plan.outputs = {
      {.name = "first", .value = chain.values[0], .stage = "go", .pins = {}, .tolerance = {}}};
  const MemoryPlan memory = plan_memory(chain.plan);
  for (std::size_t i = 1; i < chain.values.size(); ++i)
    EXPECT_NE(memory.offsets[chain.values[0].id], memory.offsets[chain.values[i].id]);
}

TEST(PlanMemory, ActivationsOfDifferentStagesShareTheArena) {
  Plan plan("test", "stages");
  const auto scale = std::make_shared<Scale>(kElements);
  const Value x = plan.input({.name = "x", .shape = {kElements}});
  for (const char* name : {"one", "two", "three"}) {
    Stage& stage = plan.stage(name, 1, 1, "step");
    plan.run(stage, "s", "s", scale, {x});
  }
  EXPECT_EQ(plan_memory(plan).arena_bytes, 256);
}

TEST(PlanMemory, InputsWeightsAndStateLieSideBySideAligned) {
  Plan plan("test", "persistent");
  const Value a = plan.input({.name = "a", .shape = {1}});
  const Value b = plan.weight({.name = "b", .shape = {65}}, {});  // 260 bytes
  const Value c = plan.state({.name = "c", .shape = {1}});
  const MemoryPlan memory = plan_memory(plan);
  EXPECT_EQ(memory.offsets[a.id], 0);
  EXPECT_EQ(memory.offsets[b.id], 256);
  EXPECT_EQ(memory.offsets[c.id], 256 + 512);
  EXPECT_EQ(memory.persistent_bytes, 256 + 512 + 256);
  EXPECT_EQ(memory.peak_bytes(), memory.persistent_bytes);
}

}  // namespace
}  // namespace assay
