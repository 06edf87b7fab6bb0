// SPDX-License-Identifier: Apache-2.0
#include "measure/session.h"

#include <gtest/gtest.h>

#include <array>

#include "base/random.h"
#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_plan.h"

namespace assay::session_tests {
namespace {

constexpr std::array kKernels = {
    KernelEntry{"scale", "picky", "", make_test_kernel<Fault::refuses>},
    KernelEntry{"scale", "right", "", make_test_kernel<Fault::none>},
    KernelEntry{"step", "right", "", make_test_kernel<Fault::none>},
};

struct SessionTest : ::testing::Test {
  SessionTest() : plan(test_plan()) {
    auto device = std::make_unique<FakeDevice>();
    fake = device.get();
    open = {std::move(device), kKernels};
    one.emplace(open);
    session.emplace(plan, one->sites, first_kernels(plan, one->sites), 1);
  }
  std::vector<double> read(const char* name) { return session->read(*plan.find(name)); }

  Plan plan;
  FakeDevice* fake;
  OpenDevice open;
  std::optional<OneLaneOf> one;
  std::optional<Session> session;
};

TEST_F(SessionTest, TakesWhatThePlanSays) {
  EXPECT_EQ(fake->allocated_bytes, plan_memory(plan).peak_bytes());
  session.reset();
  EXPECT_EQ(fake->allocated_bytes, 0);
}

TEST_F(SessionTest, FillsWeightsByNameAndSeed) {
  const float first = normal_element(random_key(1, "w"), 0, 0, normal_scale(1));
  EXPECT_EQ(read("w")[0], first);
  Session other(plan, one->sites, first_kernels(plan, one->sites), 2);
  EXPECT_NE(other.read(*plan.find("w"))[0], first);
}

TEST_F(SessionTest, RunsTheStepsOfAStageInOrder) {
  session->run_stage(0);
  const std::vector<double> w = read("w"), s = read("s");
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_FLOAT_EQ(s[i], 8 * w[i] + 7);  // 2(2(2w + 1) + 1) + 1
}

TEST_F(SessionTest, StateMovesOnFromIterationToIterationAndResetPutsItBack) {
  for (int i = 0; i < 3; ++i) session->run_stage(1);
  EXPECT_EQ(read("p")[4], 4 + 3);
  EXPECT_EQ(read("p")[5], 5);
  session->reset();
  EXPECT_EQ(read("p")[4], 4);
}

TEST(SessionInputs, AreOthersInEachPassAndTheSameForItsNumber) {
  OpenDevice open{std::make_unique<FakeDevice>(), kKernels};
  const OneLaneOf one(open);
  Plan plan("test", "inputs");
  const Value ids = plan.input({.name = "ids", .shape = {8}, .dtype = DType::i32, .fill = Fill::index(1000)});
  const Value places =
      plan.input({.name = "places", .shape = {8}, .dtype = DType::i32, .fill = Fill::cycle(8)});
  const Value kept = plan.state({.name = "kept", .shape = {8}}, Reset::left_over);
  Session session(plan, one.sites, {}, 1);
  const std::vector<double> first = session.read(ids), order = session.read(places);
  EXPECT_EQ(first[0], index_element(random_key(1, "ids"), 0, 1000));
  session.write(kept, std::vector<double>(8, 3));
  session.reset(1);
  const std::vector<double> second = session.read(ids);
  EXPECT_NE(second, first);
  EXPECT_EQ(session.read(places), order) << "what is not drawn is control";
  EXPECT_EQ(session.read(kept), std::vector<double>(8, 3)) << "left over for the next pass";
  session.reset(2);
  EXPECT_NE(session.read(ids), second);
  session.reset(1);
  EXPECT_EQ(session.read(ids), second);
  session.reset();
  EXPECT_EQ(session.read(ids), first);
}

TEST_F(SessionTest, WritesAndReadsTensorsInTheirOwnType) {
  std::vector<double> values(kTestElements, 2.5);
  session->write(*plan.find("s"), values);
  EXPECT_EQ(read("s"), values);
  values.assign(kTestElements, 7);
  session->write(*plan.find("p"), values);
  EXPECT_EQ(read("p"), values);
  values.pop_back();
  EXPECT_THROW(session->write(*plan.find("p"), values), std::logic_error);
}

TEST_F(SessionTest, WhatNobodyWroteIsPoison) {
  EXPECT_TRUE(std::isnan(session->read(plan.outputs[1].value)[0]));
  session->run_stage(1);
  EXPECT_FALSE(std::isnan(session->read(plan.outputs[1].value)[0]));
}

TEST_F(SessionTest, AnOpThatNoKernelServesIsUnsupportedWithTheReasons) {
  OpenDevice poor{std::make_unique<FakeDevice>(), KernelTable(kKernels).first(1)};
  try {
    first_kernels(plan, OneLaneOf(poor).sites);
    FAIL() << "a kernel that refuses was taken";
  } catch (const Unsupported& reason) {
    EXPECT_STREQ(reason.what(), "no kernel serves scale 32 f32; picky: takes no 32 f32");
  }
}

}  // namespace
}  // namespace assay::session_tests
