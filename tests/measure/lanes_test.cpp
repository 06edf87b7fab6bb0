// SPDX-License-Identifier: Apache-2.0
// Lanes on threads of their own: run under ThreadSanitizer too (the preset tsan).
#include "measure/lanes.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "measure/blocks_of_passes.h"
#include "measure/runner.h"
#include "support/fake_device.h"
#include "support/test_plan.h"

namespace assay::lanes_tests {
namespace {

constexpr std::array kKernels = {KernelEntry{"scale", "right", "", make_test_kernel<Fault::none, 0>},
                                 KernelEntry{"step", "right", "", make_test_kernel<Fault::none, 0>}};

struct LanesOfAFakeDevice : ::testing::Test {
  OpenDevice open{std::make_unique<FakeDevice>(), kKernels};
};

TEST_F(LanesOfAFakeDevice, OneWorksOnTheThreadAtHand) {
  Lanes lanes(open, open, false, 1);
  std::thread::id id;
  lanes.each([&](OneLane&) { id = std::this_thread::get_id(); });
  EXPECT_EQ(id, std::this_thread::get_id());
}

TEST_F(LanesOfAFakeDevice, SeveralWorkAtOnceEachAlwaysOnItsOwnThread) {
  Lanes lanes(open, open, false, 3);
  std::array<std::thread::id, 3> ids;
  std::atomic<int> there = 0;
  lanes.each([&](OneLane& lane) {
    ids[static_cast<std::size_t>(lane.index)] = std::this_thread::get_id();
    for (++there; there < 3;) std::this_thread::yield();  // none goes on before all have come
  });
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 3u);
  lanes.each([&](OneLane& lane) {
    EXPECT_EQ(ids[static_cast<std::size_t>(lane.index)], std::this_thread::get_id());
  });
  lanes.first([&](OneLane& lane) { EXPECT_EQ(lane.index, 0); });
}

TEST_F(LanesOfAFakeDevice, WhatOneThrowsArrivesWhenAllAreDone) {
  Lanes lanes(open, open, false, 2);
  std::atomic<int> done = 0;
  EXPECT_THROW(lanes.each([&](OneLane& lane) {
    ++done;
    if (lane.index == 1) throw std::runtime_error("lost");
  }),
               std::runtime_error);
  EXPECT_EQ(done, 2);
  lanes.each([&](OneLane&) { ++done; });  // and they go on
  EXPECT_EQ(done, 4);
}

TEST_F(LanesOfAFakeDevice, AreOthersAfterARenewal) {
  Lanes lanes(open, open, false, 2);
  std::set<const Lane*> before;
  lanes.first([&](OneLane& lane) { lane.session = nullptr; });
  lanes.renew();
  lanes.each([](OneLane& lane) { EXPECT_NE(lane.device, nullptr); });
  EXPECT_EQ(dynamic_cast<FakeDevice&>(*open.device).renewals, 1);
}

TEST(Windows, EndWithEachNthEndOfAPassFromTheFirstOn) {
  EXPECT_EQ(windows_of({5, 1, 3, 2, 8}, 2), (std::vector<double>{2, 5}));  // 1 -> 3 -> 8
  EXPECT_TRUE(windows_of({1, 2}, 2).empty());
  EXPECT_TRUE(windows_of({}, 2).empty());
}

struct Stretches : LanesOfAFakeDevice {
  Stretches() : lanes(open, open, false, 2) {
    plan.in_flight = 2;
    lanes.each([this](OneLane& lane) {
      lane.session = std::make_unique<Session>(plan, lane.sites, first_kernels(plan, lane.sites), 1);
    });
  }
  Plan plan = test_plan();
  Lanes lanes;
  std::uint64_t next_pass = 1;
};

TEST_F(Stretches, HaveDrawsOfStagesPassesAndWindows) {
  const Watch watch = real_watch();
  BlocksOfPasses blocks(lanes, plan, watch, next_pass);
  EXPECT_EQ(blocks.series(), (std::vector<std::string>{"stage/load", "stage/loop", "pass", "window"}));
  const BlockOfDraws block = blocks.take();
  ASSERT_TRUE(block.whole);
  const std::size_t passes = block.draws[2].size();
  EXPECT_EQ(passes, 1 + 2 * static_cast<std::size_t>(BlocksOfPasses::kWindows));
  EXPECT_EQ(block.draws[0].size(), passes);
  EXPECT_EQ(block.draws[1].size(), 4 * passes);
  EXPECT_EQ(block.draws[3].size(), static_cast<std::size_t>(BlocksOfPasses::kWindows));
  EXPECT_GE(next_pass, 1 + passes);
}

TEST_F(Stretches, EndWhenTheUserSaysSo) {
  const Watch watch = real_watch([] { return true; });
  EXPECT_FALSE(BlocksOfPasses(lanes, plan, watch, next_pass).take().whole);
}

TEST_F(LanesOfAFakeDevice, ACaseWithTwoPassesInFlightIsVerifiedAndTimed) {
  Plan plan = test_plan();
  plan.in_flight = 2;
  plan.metrics = {
      {.name = "pass_s", .of = "pass", .unit = "s", .definition = "A pass."},
      {.name = "passes_per_s", .of = "window", .unit = "1/s", .definition = "Two a window.", .amount = 2}};
  const CaseResult result = run_plan(
      plan, open, open, {}, {.seed = 1, .stop = {.target_ci = 0.5, .min_seconds = 0, .max_seconds = 0.2}});
  EXPECT_EQ(result.status, CaseStatus::ok) << result.reason.value_or("");
  EXPECT_EQ(result.in_flight, 2);
  ASSERT_TRUE(result.verification && result.verification->in_situ);
  EXPECT_EQ(result.verification->in_situ->status, CheckStatus::passed);
  EXPECT_GE(result.metrics.at("passes_per_s").blocks, 6);
  EXPECT_GT(result.metrics.at("passes_per_s").value, 0);
  EXPECT_EQ(result.memory->planned_peak_bytes, plan_memory(plan).peak_bytes());
}

}  // namespace
}  // namespace assay::lanes_tests
