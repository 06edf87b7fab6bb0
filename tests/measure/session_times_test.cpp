// SPDX-License-Identifier: Apache-2.0
#include "measure/session_times.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/fake_device.h"
#include "support/test_plan.h"

namespace assay::session_times_tests {
namespace {

constexpr std::array kKernels = {KernelEntry{"scale", "right", "", make_test_kernel<Fault::none, 100>},
                                 KernelEntry{"step", "right", "", make_test_kernel<Fault::none, 100>}};

/// A pass takes 3 + 4 x 2 launches of 100 us.
struct Timed : ::testing::Test {
  Timed() : plan(test_plan()) {
    auto device = std::make_unique<FakeDevice>();
    fake = device.get();
    open = {std::move(device), kKernels};
    lanes.emplace(open, open, false, 1);
    lanes->first([this](OneLane& lane) {
      lane.session = std::make_unique<Session>(plan, lane.sites, first_kernels(plan, lane.sites), 1);
      session = lane.session.get();
    });
    watch.now_s = [this] { return fake->now_s; };
  }

  StageTimes run(const StopRule& rule, const Surroundings& beside = {}) {
    StageTimes times;
    time_session(*lanes, plan, *fake, run_pass(*session, watch), rule_of_a_session(rule), watch, beside,
                 times, {});
    return times;
  }

  Plan plan;
  FakeDevice* fake;
  OpenDevice open;
  std::optional<Lanes> lanes;
  Session* session = nullptr;
  Watch watch;
  StopRule brief{.target_ci = 0.01, .min_seconds = 0, .max_seconds = 1};
};

TEST_F(Timed, APassIsABlockOfDrawsForEveryStage) {
  const StageTimes times = run(brief);
  EXPECT_EQ(times.end, SamplingEnd::converged);
  EXPECT_EQ(times.blocks(), 6u);
  ASSERT_EQ(times.series.size(), 3u);  // and the pass
  EXPECT_EQ(times.series.at("stage/load").blocks[0].size(), 1u);
  EXPECT_EQ(times.series.at("stage/loop").blocks[0].size(), 4u);
  EXPECT_EQ(times.series.at("stage/loop").sessions, std::vector<std::int64_t>{6});
}

TEST_F(Timed, AnInterruptedPassIsNoBlock) {
  StopRule endless = brief;
  endless.min_seconds = endless.max_seconds = 1e6;
  int launches = 0;
  watch.interrupted = [&] { return ++launches > 60; };
  const StageTimes times = run(endless);
  EXPECT_EQ(times.end, SamplingEnd::interrupted);
  for (const auto& block : times.series.at("stage/loop").blocks) EXPECT_EQ(block.size(), 4u);
}

TEST(RuleOfASession, SharesTheTimeAndTheFewestBlocks) {
  const StopRule rule{.max_seconds = 12, .give_up_seconds = 300, .sessions = 3};
  const SessionRule three = rule_of_a_session(rule);
  EXPECT_EQ(three.stop.max_seconds, 4);
  EXPECT_EQ(three.stop.give_up_seconds, 100);
  EXPECT_EQ(three.min_blocks, 2);
  EXPECT_EQ(rule_of_a_session({.sessions = 1}).min_blocks, kMinBlocks);
  EXPECT_EQ(rule_of_a_session({.sessions = 8}).min_blocks, 1);
}

/// Probes reach 100, then 101, ... bytes a second.
class Probe final : public PeakProbe {
 public:
  explicit Probe(FakeDevice& device, double seconds = 1e-3) : device_(device), seconds_(seconds) {}
  PeakDraw take() override {
    device_.now_s += seconds_;
    return {.bytes_per_s = 100.0 + taken++, .flops_per_s = {{DType::f32, 1e3}}};
  }
  int taken = 0;

 private:
  FakeDevice& device_;
  const double seconds_;
};

TEST_F(Timed, ProbesStandBesideTheBlocksAndTakeATenthOfTheTime) {
  Probe probe(*fake);
  StopRule longer = brief;
  longer.min_seconds = 0.2;
  const double started_s = fake->now_s;
  const StageTimes times = run(longer, {.probe = &probe, .counters = {}});
  EXPECT_EQ(times.peaks.at("memory").blocks.size(), static_cast<std::size_t>(probe.taken));
  EXPECT_EQ(times.peaks.at("f32").blocks.front(), std::vector<double>{1e3});
  EXPECT_GT(probe.taken, 5);
  EXPECT_LT(1e-3 * probe.taken, 0.15 * (fake->now_s - started_s));
}

/// It would find the caches full of what the probe read, as no later one does.
TEST_F(Timed, APassShorterThanTheProbeBeforeItIsRunOnceUntimed) {
  Probe probe(*fake, 25e-3);
  StopRule longer = brief;
  longer.min_seconds = 0.5;
  const StageTimes times = run(longer, {.probe = &probe, .counters = {}});
  EXPECT_GT(probe.taken, 1);
  EXPECT_EQ(times.next_pass - 1, 1 + times.blocks() + static_cast<std::size_t>(probe.taken))
      << "one to warm up";
}

TEST_F(Timed, APassLongerThanTheProbeBeforeItIsTimedAtOnce) {
  Probe probe(*fake, 1e-3);
  const StageTimes times = run(brief, {.probe = &probe, .counters = {}});
  EXPECT_GT(probe.taken, 0);
  EXPECT_EQ(times.next_pass - 1, 1 + times.blocks()) << "one to warm up";
}

/// A clock of 1 GHz that falls to 0.8 GHz in the passes named.
class Clock final : public ClockMeter {
 public:
  Clock(std::set<int> slow, int& passes) : slow_(std::move(slow)), passes_(passes) {}
  void begin(Stream&) override {}
  void end(Stream&) override { ++passes_; }
  std::optional<double> hz() override { return slow_.contains(passes_) ? 0.8e9 : 1e9; }

 private:
  const std::set<int> slow_;
  int& passes_;
};

struct Throttled : Timed {
  StageTimes run_with_slow(std::set<int> slow) {
    fake->make_clock = [this, slow] { return std::make_unique<Clock>(slow, passes); };
    return run(brief);
  }
  int passes = 0;
};

TEST_F(Throttled, BlocksOfALowClockAreTakenAgainAndCounted) {
  const StageTimes times = run_with_slow({2, 5});
  EXPECT_EQ(times.throttled_blocks, 2);
  EXPECT_EQ(times.slow_blocks, 0);
  EXPECT_EQ(times.blocks(), 6u);
  EXPECT_EQ(passes, 9);  // with one to warm up
  EXPECT_TRUE(times.clocked);
}

TEST_F(Throttled, ADeviceThatThrottlesEverySecondPassEndsAndSaysHowManyWereKept) {
  std::set<int> slow;
  for (int pass = 0; pass < 1000; pass += 2) slow.insert(pass);
  const StageTimes times = run_with_slow(slow);
  EXPECT_GT(times.throttled_blocks, 0);
  EXPECT_GT(times.slow_blocks, 0);
  EXPECT_LT(passes, 30);
}

TEST_F(Throttled, ASteadyClockThrottlesNothing) {
  const StageTimes times = run_with_slow({});
  EXPECT_EQ(times.throttled_blocks, 0);
  EXPECT_EQ(passes, 7);
}

/// Half as fast while a neighbour is busy; a take lasts 0.1 ms.
class Shared final : public SpeedMeter {
 public:
  Shared(FakeDevice& device, std::function<bool(double)> busy) : device_(device), busy_(std::move(busy)) {
    for (int i = 0; i < 100; ++i) take();
  }
  int taken = 0;

 private:
  double measure() override {
    device_.now_s += 1e-4;
    return ++taken > 100 && busy_(device_.now_s) ? 50 : 100;
  }
  FakeDevice& device_;
  const std::function<bool(double)> busy_;
};

/// Passes take 1.1 ms. A neighbour is busy for half of the time, 4 ms long each.
struct Neighbour : Timed {
  Neighbour() { brief.quiet_wait_seconds = 1; }
  static bool now_and_then(double now_s) { return std::fmod(now_s, 8e-3) > 4e-3; }
  static bool always(double) { return true; }
  StageTimes run_beside(SpeedMeter& meter) {
    return run(brief, {.probe = nullptr, .counters = {}, .speed = &meter});
  }
};

TEST_F(Neighbour, NoBlockBesideABusyOneCountsAndNoTimeOfItDoes) {
  brief.min_seconds = 0.1;
  brief.max_seconds = 0.11;
  Shared meter(*fake, now_and_then);
  const double began_s = fake->now_s;
  const StageTimes times = run_beside(meter);
  EXPECT_GT(times.disturbed_blocks, 0) << "it began within some";
  EXPECT_EQ(times.unquiet_blocks, 0);
  ASSERT_EQ(times.speeds.size(), times.blocks());
  for (const double speed : times.speeds) EXPECT_EQ(speed, 100);
  const double elapsed_s = fake->now_s - began_s;
  EXPECT_NEAR(elapsed_s - times.disturbed_s, 0.11, 0.02);
  EXPECT_GT(times.disturbed_s, 0.05);
}

TEST_F(Neighbour, IsWaitedForNoLongerThanTheRuleSays) {
  Shared meter(*fake, always);
  StageTimes times = run_beside(meter);
  EXPECT_NEAR(times.disturbed_s, 1, 0.01);
  EXPECT_EQ(times.blocks(), 6u) << "better than none";
  EXPECT_EQ(drop_unquiet(times, meter.best(), 6, false), 0);
  EXPECT_EQ(times.unquiet_blocks, 6);
  EXPECT_EQ(times.blocks(), 6u);
}

TEST_F(Neighbour, ALaterSessionMayWaitForWhatEarlierOnesLeft) {
  const double until_s = fake->now_s + 0.5;
  Shared meter(*fake, [&](double now_s) { return now_s > until_s; });
  StageTimes times;
  const Surroundings beside{.probe = nullptr, .counters = {}, .speed = &meter};
  brief.quiet_wait_seconds = 1;
  const PassTimes first = run_pass(*session, watch);
  time_session(*lanes, plan, *fake, first, rule_of_a_session(brief), watch, beside, times, {});
  EXPECT_EQ(times.disturbed_s, 0);
  fake->now_s = until_s;
  time_session(*lanes, plan, *fake, first, rule_of_a_session(brief), watch, beside, times, {});
  EXPECT_NEAR(times.disturbed_s, 2, 0.01);
}

TEST_F(Neighbour, IsNotAskedForWhereTheRuleDoesNotWait) {
  brief.quiet_wait_seconds = 0;
  Shared meter(*fake, now_and_then);
  EXPECT_EQ(run_beside(meter).disturbed_blocks, 0);
  EXPECT_EQ(meter.taken, 100);
}

StageTimes three_sessions() {
  StageTimes times;
  times.series["pass"] = {.blocks = {{1}, {2}, {3}, {4}, {5}, {6}}, .sessions = {3, 2, 1}};
  times.speeds = {100, 50, 91, 50, 89, 99};
  return times;
}

TEST(DropUnquiet, LeavesASessionItsQuietBlocksOrAllWhereTheyAreTooFew) {
  StageTimes times = three_sessions();
  EXPECT_EQ(drop_unquiet(times, 100, 1, false), 0);
  EXPECT_EQ(times.series["pass"].blocks, (std::vector<std::vector<double>>{{1}, {3}, {4}, {5}, {6}}));
  EXPECT_EQ(times.series["pass"].sessions, (std::vector<std::int64_t>{2, 2, 1}));
  EXPECT_EQ(times.disturbed_blocks, 1);
  EXPECT_EQ(times.unquiet_blocks, 2);
  EXPECT_EQ(times.speeds, (std::vector<double>{100, 91, 50, 89, 99}));
}

TEST(DropUnquiet, TakesAWholeSessionThatIsToBeTimedAgain) {
  StageTimes times = three_sessions();
  EXPECT_EQ(drop_unquiet(times, 100, 1, true), 1);
  EXPECT_EQ(times.series["pass"].blocks, (std::vector<std::vector<double>>{{1}, {3}, {6}}));
  EXPECT_EQ(times.series["pass"].sessions, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(times.disturbed_blocks, 3);
  EXPECT_EQ(times.unquiet_blocks, 0);
  EXPECT_EQ(times.speeds, (std::vector<double>{100, 91, 99}));
}

TEST(DropUnquiet, TakesAWholeSessionOfWhichTooLittleWouldStay) {
  StageTimes times = three_sessions();
  EXPECT_EQ(drop_unquiet(times, 100, 3, true), 2) << "two of three blocks, and none of two";
  EXPECT_EQ(times.series["pass"].blocks, (std::vector<std::vector<double>>{{6}})) << "more it never had";
}

TEST_F(Timed, AHoldThatEndedTooSoonIsCounted) {
  EXPECT_EQ(run(brief).late_blocks, 0);
  fake->hold_lasts = false;
  EXPECT_EQ(run(brief).late_blocks, 6);
}

TEST_F(Timed, WhatIsHeldIsAlwaysReleased) {
  run(brief);
  EXPECT_EQ(fake->holds, fake->releases);
  EXPECT_GT(fake->holds, 0);
}

}  // namespace
}  // namespace assay::session_times_tests
