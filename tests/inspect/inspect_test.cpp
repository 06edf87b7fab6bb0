// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/test_plan.h"

namespace assay {
namespace {

/// 1 TFLOP/s in f32 and 1 GB/s, so that every test op is bound by its bytes.
constexpr CatalogueDevice device_of(double memory_gb, double f32) {
  return {.name = "Board",
          .pattern = "Board",
          .multiprocessors = 0,
          .memory_gb = memory_gb,
          .f32 = f32,
          .tf32 = 0,
          .half = 0,
          .fp8 = 0,
          .gb_per_s = 1,
          .source = "made up"};
}

TEST(Inspect, CountsAPlanWithNoDevice) {
  const Inspection found = inspect_plan(test_plan(), nullptr);
  EXPECT_EQ(found.architecture, "TestForNothing");
  EXPECT_EQ(found.parameters.total, 32);
  EXPECT_EQ(found.weight_bytes, 4 * kTestElements);
  ASSERT_EQ(found.stages.size(), 2u);
  const StageInspection& load = found.stages[0];
  ASSERT_EQ(load.ops.size(), 1u);  // three steps of one label and op
  EXPECT_EQ(load.ops[0].calls, 3);
  EXPECT_EQ(load.flops, 3 * load.ops[0].flops);
  EXPECT_EQ(load.bytes_read + load.bytes_written, 3 * load.ops[0].bytes.at(Path::memory));
  EXPECT_EQ(load.bytes, (BytesByPath{{Path::memory, load.bytes_read + load.bytes_written}}));
  EXPECT_FALSE(found.fits);
  EXPECT_FALSE(found.roofline_seconds);
}

TEST(Inspect, SaysWhetherADeviceHoldsThePlanAndHowFastItCouldBe) {
  const CatalogueDevice large = device_of(1, 1), small = device_of(1e-9, 1);
  Plan plan("test", "one step");  // every op of it has a rate
  const Value x = plan.input({.name = "x", .shape = {kTestElements}});
  plan.run(plan.stage("load", 1, 1, "element"), "scale", "scale", std::make_shared<Scale>(kTestElements),
           {x});
  const Inspection found = inspect_plan(plan, &large);
  EXPECT_EQ(found.fits, true);
  EXPECT_EQ(inspect_plan(plan, &small).fits, false);
  ASSERT_TRUE(found.roofline_seconds);
  EXPECT_DOUBLE_EQ(found.roofline_seconds->at("load"), plan.stages()[0]->cost().memory().both() / 1e9);
}

// Two steps that share a weight and leave a value to each other: the value may stay on the chip, and the
// weight is read once.
TEST(Inspect, BoundsAStageByWhatEveryImplementationMustMove) {
  const CatalogueDevice board = device_of(1, 1);
  Plan plan("test", "two steps");
  const Value w = plan.weight({.name = "w", .shape = {kTestElements}}, {});
  Stage& stage = plan.stage("load", 1, 1, "element");
  const auto scale = std::make_shared<Scale>(kTestElements);
  plan.run(stage, "a", "a", scale, {w});
  const Value made = plan.run(stage, "b", "b", scale, {w}).front();
  plan.run(stage, "c", "c", scale, {made});
  const Inspection found = inspect_plan(plan, &board);
  EXPECT_DOUBLE_EQ(found.bound_seconds.value().at("load"), 4.0 * kTestElements / 1e9);
  EXPECT_DOUBLE_EQ(found.roofline_seconds.value().at("load"), 6 * 4.0 * kTestElements / 1e9);
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

TEST(Inspect, CountsTheBytesOfEveryPathAtItsOwnRate) {
  Plan plan("test", "one step");
  const Value x = plan.input({.name = "x", .shape = {15}});
  plan.run(plan.stage("load", 1, 1, "element"), "upload", "upload", std::make_shared<Upload>(), {x});
  CatalogueDevice board = device_of(1, 1);
  EXPECT_FALSE(inspect_plan(plan, &board).roofline_seconds) << "a slot of unknown width";
  board.host_gb_per_s = 0.5;
  const Inspection found = inspect_plan(plan, &board);
  EXPECT_EQ(found.stages[0].bytes_read, 0);
  EXPECT_EQ(found.stages[0].bytes_written, 60);
  EXPECT_DOUBLE_EQ(found.roofline_seconds.value().at("load"), 60 / 0.5e9);
  EXPECT_DOUBLE_EQ(found.bound_seconds.value().at("load"), 60 / 0.5e9);
  const Json json = JsonWriter::write(found);
  EXPECT_EQ(json["stages"][0]["bytes"], Json::parse(R"({"memory": 60.0, "host_link": 60.0})"));
  EXPECT_EQ(json["stages"][0]["ops"][0]["bytes"], json["stages"][0]["bytes"]);
}

TEST(Inspect, LeavesTheCeilingOutWhereTheCatalogueHasNoRate) {
  const CatalogueDevice board = device_of(1, 1), unknown = device_of(1, 0);
  EXPECT_TRUE(inspect_plan(test_plan(), &board).roofline_seconds)
      << "an op that counts in i32 has no FLOPs, and needs no rate";
  const Inspection found = inspect_plan(test_plan(), &unknown);
  EXPECT_EQ(found.fits, true);
  EXPECT_FALSE(found.roofline_seconds);
  EXPECT_FALSE(found.bound_seconds);
}

}  // namespace
}  // namespace assay
