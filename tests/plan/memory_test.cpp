// SPDX-License-Identifier: Apache-2.0
#include "plan/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/test_ops.h"

namespace assay::memory_tests {
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
  EXPECT_EQ(plan_memory(Chain(2).plan).device.arena_bytes, 512);
  EXPECT_EQ(plan_memory(Chain(50).plan).device.arena_bytes, 512);
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
  EXPECT_EQ(memory.device.arena_bytes, 3 * 256);
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
  EXPECT_EQ(plan_memory(plan).device.arena_bytes, 256);
}

TEST(PlanMemory, WhatARepeatedStageReadsOfAnEarlierOneStaysToItsEnd) {
  Plan plan("test", "loop");
  const auto scale = std::make_shared<Scale>(kElements);
  const Value x = plan.input({.name = "x", .shape = {kElements}});
  Stage& once = plan.stage("once", 1, 1, "step");
  const Value a = plan.run(once, "a", "s", scale, {x})[0];
  Stage& loop = plan.stage("loop", 3, 1, "step");
  plan.run(loop, "b", "s", scale, {a});
  const Value c = plan.run(loop, "c", "s", scale, {x})[0];
  const Value d = plan.run(loop, "d", "s", scale, {c})[0];
  const MemoryPlan memory = plan_memory(plan);
  for (const Value later : {c, d}) EXPECT_NE(memory.offsets[a.id], memory.offsets[later.id]);
}

TEST(PlanMemory, StagesOutsideThePassShareNothing) {
  Plan plan("test", "scheduled");
  const auto scale = std::make_shared<Scale>(kElements);
  const Value x = plan.input({.name = "x", .shape = {kElements}});
  for (const char* name : {"one", "two"}) plan.run(plan.stage(name, 0, 1, "step"), "s", "s", scale, {x});
  EXPECT_EQ(plan_memory(plan).device.arena_bytes, 2 * 256);
}

TEST(PlanMemory, LanesShareWeightsAndNothingElse) {
  Plan plan("test", "lanes");
  const Value w = plan.weight({.name = "w", .shape = {kElements}}, {});
  const Value x = plan.input({.name = "x", .shape = {kElements}});
  Stage& stage = plan.stage("go", 1, 1, "step");
  for (const Value v : {w, x}) plan.run(stage, "s", "s", std::make_shared<Scale>(kElements), {v});
  plan.in_flight = 3;
  EXPECT_EQ(plan_memory(plan).peak_bytes(), 256 + 3 * (256 + 256));
}

TEST(PlanMemory, EachPlaceHasItsOwn) {
  Plan plan("test", "places");
  const Value x = plan.input({.name = "x", .shape = {kElements}}, Place::host);
  Stage& feed = plan.stage("feed", 1, 1, "step", Place::host);
  const Value y = plan.run(feed, "s", "s", std::make_shared<Scale>(kElements), {x})[0];
  Stage& stage = plan.stage("go", 1, 1, "step");
  const Value z =
      plan.run(stage, "upload", "upload", std::make_shared<Move>(kElements, Place::device), {y})[0];
  const MemoryPlan memory = plan_memory(plan);
  EXPECT_EQ(plan.tensor(y).place, Place::host);
  EXPECT_EQ(plan.tensor(z).place, Place::device);
  EXPECT_EQ(memory.host_bytes(), 2 * 256);
  EXPECT_EQ(memory.peak_bytes(), 256);
}

TEST(PlanMemory, InputsWeightsAndStateLieSideBySideAligned) {
  Plan plan("test", "persistent");
  const Value a = plan.input({.name = "a", .shape = {1}});
  const Value b = plan.weight({.name = "b", .shape = {65}}, {});  // 260 bytes
  const Value c = plan.state({.name = "c", .shape = {1}});
  const MemoryPlan memory = plan_memory(plan);
  EXPECT_EQ(memory.offsets[a.id], 0);
  EXPECT_EQ(memory.offsets[b.id], 0);  // weights are a block of their own
  EXPECT_EQ(memory.offsets[c.id], 256);
  EXPECT_EQ(memory.device.weight_bytes, 512);
  EXPECT_EQ(memory.device.persistent_bytes, 256 + 256);
  EXPECT_EQ(memory.device.state_bytes, 256);
  EXPECT_EQ(memory.peak_bytes(), 512 + 256 + 256);
}

}  // namespace
}  // namespace assay::memory_tests
