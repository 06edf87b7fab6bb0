// SPDX-License-Identifier: Apache-2.0
#include "measure/runner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "measure/outputs.h"
#include "plan/compulsory_work.h"
#include "plan/memory.h"
#include "support/fake_device.h"
#include "support/test_plan.h"

namespace assay::runner_tests {
namespace {

using Table = std::vector<KernelEntry>;

const Table kRight = {{"scale", "slow", "", make_test_kernel<Fault::none, 500>},
                      {"scale", "fast", "", make_test_kernel<Fault::none, 100>},
                      {"step", "plain", "", make_test_kernel<Fault::none, 200>}};

/// Runs the test plan on a fake device, by the device's own clock.
struct TestRun {
  explicit TestRun(const Table& kernels) : table(kernels), plan(test_plan()) {
    auto device = std::make_unique<FakeDevice>();
    fake = device.get();
    open = {std::move(device), table};
    options.stop = {.target_ci = 0.01, .min_seconds = 0, .max_seconds = 1};
    options.now_s = [this] { return fake->now_s; };
    peaks.flops_per_s[DType::f32].measured = 1e9;
  }
  CaseResult operator()() { return run_plan(plan, open, open, peaks, options); }

  const Table table;
  Plan plan;
  FakeDevice* fake;
  OpenDevice open;
  Peaks peaks;
  RunOptions options;
};

TEST(Runner, VerifiesThenTimesAndTakesTheFastestKernel) {
  const CaseResult result = TestRun(kRight)();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_FALSE(result.reason.has_value());
  EXPECT_EQ(result.device, "fake:0");
  EXPECT_EQ(result.verification->status, CheckStatus::passed);
  EXPECT_EQ(result.verification->ops.size(), 3u);

  const OpResult& scale = result.stages.at(0).ops.at(0);
  EXPECT_EQ(scale.name, "scale");
  EXPECT_EQ(scale.kernel, "fast");
  EXPECT_EQ(scale.calls, 3);
  EXPECT_EQ(scale.flops, 64);
  EXPECT_NEAR(scale.time_s->value, 100e-6, 1e-9);  // one call of the three
  EXPECT_NEAR(scale.rejected.at("slow"), 500e-6, 1e-9);
}

TEST(Runner, TimesStagesByTheIteration) {
  const CaseResult result = TestRun(kRight)();
  ASSERT_EQ(result.stages.size(), 2u);
  EXPECT_NEAR(result.stages[0].time_s->value, 300e-6, 1e-9);  // three scales
  EXPECT_NEAR(result.stages[1].time_s->value, 300e-6, 1e-9);  // a step and a scale
  EXPECT_EQ(result.stages[1].times, 4);
  EXPECT_EQ(result.stages[1].time_s->n, 4 * result.stages[0].time_s->n);
  EXPECT_EQ(result.stages[0].time_s->converged, true);
  EXPECT_EQ(result.stages[1].ops.size(), 2u);
}

TEST(Runner, RecordsWhatEveryImplementationOfAStageMustDo) {
  TestRun run(kRight);
  const CaseResult result = run();
  for (std::size_t s = 0; s < result.stages.size(); ++s) {
    const CompulsoryWork least = compulsory_work(run.plan, *run.plan.stages()[s]);
    EXPECT_EQ(result.stages[s].compulsory->flops, least.flops);
    EXPECT_EQ(result.stages[s].compulsory->bytes, least.bytes);
    EXPECT_FALSE(least.flops.empty());
  }
}

/// Right, by an algorithm that needs a quarter of Scale's 64 FLOPs.
class Frugal final : public Kernel {
 public:
  explicit Frugal(std::unique_ptr<Kernel> kernel) : kernel_(std::move(kernel)) {}
  void launch(Stream& stream, Buffers in, Buffers out) override { kernel_->launch(stream, in, out); }
  double flops_saved() const override { return 48; }

 private:
  const std::unique_ptr<Kernel> kernel_;
};

TEST(Runner, WhatAKernelsAlgorithmSavesIsNotCompulsoryAndNoShareOfAPeak) {
  Table table = kRight;
  table.push_back({"scale", "frugal", "", [](const Op& op, Lane& lane) -> std::unique_ptr<Kernel> {
                     return std::make_unique<Frugal>(make_test_kernel<Fault::none, 10>(op, lane));
                   }});
  const CaseResult plain = TestRun(kRight)(), result = TestRun(table)();
  const StageResult& load = result.stages.at(0);
  ASSERT_EQ(load.ops.at(0).kernel, "frugal");
  EXPECT_EQ(load.ops.at(0).flops, 16);
  EXPECT_EQ(load.compulsory->flops.at(DType::f32), 3 * 16);
  EXPECT_EQ(load.flops, plain.stages.at(0).flops) << "what the ops count, with which results are compared";
  EXPECT_EQ(load.bytes, plain.stages.at(0).bytes);
  // 3 calls of 16 FLOPs in 30 us are 1.6 MFLOP/s of 1 GFLOP/s.
  EXPECT_NEAR(result.metrics.at("load_flop_utilisation").value, 1.6e6 / 1e9, 1e-9);
  // The loop has a step of its own and one scale.
  EXPECT_EQ(result.stages.at(1).compulsory->flops.at(DType::f32),
            plain.stages.at(1).compulsory->flops.at(DType::f32) - 48);
}

TEST(Runner, HeadlinesFollowTheirDefinitions) {
  const CaseResult result = TestRun(kRight)();
  EXPECT_NEAR(result.metrics.at("load_s").value, 300e-6, 1e-9);
  EXPECT_EQ(result.metrics.at("load_s").unit, "s");
  EXPECT_EQ(result.metrics.at("load_s").of, "stage/load");
  EXPECT_NEAR(result.metrics.at("tokens_per_s").value, 2 / 300e-6, 1e-3);
  EXPECT_EQ(result.metrics.at("tokens_per_s").better, Better::higher);
  EXPECT_EQ(result.metrics.at("tokens_per_s").unit, "tokens/s");
  // 3 calls of 64 FLOPs in 300 us are 640 kFLOP/s of 1 GFLOP/s.
  EXPECT_NEAR(result.metrics.at("load_flop_utilisation").value, 640e3 / 1e9, 1e-9);
  EXPECT_FALSE(result.metrics.contains("loop_bandwidth_utilisation")) << "its peak is unknown";
}

TEST(Runner, AKernelThatIsWrongFailsTheCaseAndNothingIsTimed) {
  Table table = kRight;
  table.push_back({"scale", "broken", "", make_test_kernel<Fault::wrong>});
  const CaseResult result = TestRun(table)();
  EXPECT_EQ(result.status, CaseStatus::failed);
  EXPECT_EQ(result.reason->find("scale 32 f32, kernel broken: output y element 17: expected"), 0u)
      << *result.reason;
  EXPECT_EQ(result.verification->status, CheckStatus::failed);
  EXPECT_TRUE(result.metrics.empty());
  EXPECT_FALSE(result.stages[0].time_s.has_value());
  EXPECT_TRUE(result.verification->outputs.empty());
}

TEST(Runner, AForcedKernelIsTheOnlyOneTried) {
  Table table = kRight;
  table.push_back({"scale", "broken", "", make_test_kernel<Fault::wrong>});
  TestRun run(table);
  run.options.forced_kernels = {{"scale", "slow"}};
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_EQ(result.stages[0].ops[0].kernel, "slow");
  EXPECT_TRUE(result.stages[0].ops[0].rejected.empty());
}

TEST(Runner, AnOpWithoutAKernelSkipsTheCaseWithTheReasons) {
  const CaseResult result = TestRun({{"scale", "picky", "", make_test_kernel<Fault::refuses>},
                                     {"step", "plain", "", make_test_kernel<Fault::none>}})();
  EXPECT_EQ(result.status, CaseStatus::skipped);
  EXPECT_EQ(result.reason, "no kernel serves scale 32 f32; picky: takes no 32 f32");
}

TEST(Runner, APlanThatDoesNotFitIsSkippedWithTheBytes) {
  TestRun run(kRight);
  run.fake->capacity_bytes = 1000;
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::skipped);
  EXPECT_EQ(result.reason, "needs 1280 bytes, 1000 free on fake:0");
}

TEST(Runner, WhatAHostHoldsCountsWhereTheDeviceFeedsItself) {
  TestRun run(kRight);
  run.plan = Plan("test", "fed");
  const Value x = run.plan.input({.name = "x", .shape = {kTestElements}}, Place::host);
  Stage& feed = run.plan.stage("feed", 1, 1, "step", Place::host);
  run.plan.run(feed, "scale", "scale", std::make_shared<Scale>(kTestElements), {x});
  run.fake->capacity_bytes = 500;
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::skipped);
  EXPECT_EQ(result.reason, "needs 512 bytes, 500 free on fake:0");
}

TEST(Runner, MemoryIsPlannedAndWhatTheSystemSaysIsMeasuredOrUnknown) {
  TestRun run(kRight);
  const CaseResult result = run();
  const std::int64_t planned = plan_memory(run.plan).peak_bytes();
  EXPECT_EQ(result.memory->planned_peak_bytes, planned);
  EXPECT_FALSE(result.memory->measured_peak_bytes.has_value()) << "this device cannot be asked";
  EXPECT_EQ(result.memory->weight_bytes, 128);
  EXPECT_EQ(result.memory->state_bytes, 128 + 128);
  EXPECT_EQ(result.memory->input_bytes, 0);
  EXPECT_EQ(run.fake->allocated_bytes, 0);
}

TEST(Runner, TheSameSeedGivesTheSameOutputs) {
  const CaseResult one = TestRun(kRight)(), same = TestRun(kRight)();
  TestRun other_seed(kRight);
  other_seed.options.seed = 2;
  const CaseResult other = other_seed();
  const OutputResult& last = one.verification->outputs.at("last");
  EXPECT_EQ(one.verification->outputs.size(), 2u);
  EXPECT_EQ(last.values.size(), OutputPass::kElements);
  EXPECT_EQ(last.values, same.verification->outputs.at("last").values);
  EXPECT_NE(last.values, other.verification->outputs.at("last").values);
  EXPECT_EQ(one.seed, 1u);
  EXPECT_EQ(one.weights, "seed");
}

TEST(Runner, EveryDrawStandsOnceGroupedByItsPass) {
  const CaseResult result = TestRun(kRight)();
  const SeriesResult& loop = result.series.at("stage/loop");
  EXPECT_EQ(loop.unit, "s");
  ASSERT_GE(loop.blocks.size(), 6u);
  for (const auto& block : loop.blocks) EXPECT_EQ(block.size(), 4u) << "four iterations a pass";
  EXPECT_EQ(result.metrics.at("tokens_per_s").of, "stage/loop");
  EXPECT_EQ(result.metrics.at("tokens_per_s").blocks, static_cast<std::int64_t>(loop.blocks.size()));
  EXPECT_EQ(result.series.at("op/load/scale").blocks.front().size(), 1u);
}

TEST(Runner, FewerThanSixBlocksAreNoMeasurement) {
  TestRun run({{"scale", "slow", "", make_test_kernel<Fault::none, 20'000'000>},  // 20 s a call
               {"step", "plain", "", make_test_kernel<Fault::none, 200>}});
  run.options.stop = {.min_seconds = 0, .max_seconds = 1, .give_up_seconds = 200};
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::not_a_measurement);
  EXPECT_EQ(result.reason->find("load has 2 blocks, too few for an interval (of 6 at least)"), 0u)
      << *result.reason;
  EXPECT_TRUE(result.metrics.at("load_s").ci95.empty());
}

TEST(Runner, SixBlocksAreTakenThoughMaxSecondsIsOver) {
  TestRun run({{"scale", "slow", "", make_test_kernel<Fault::none, 2'000'000>},  // 2 s a call, 14 s a pass
               {"step", "plain", "", make_test_kernel<Fault::none, 200>}});
  run.options.stop = {.min_seconds = 0, .max_seconds = 1, .give_up_seconds = 300};
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_EQ(result.stages[0].time_s->blocks, 6);
  EXPECT_FALSE(result.stages[0].time_s->ci95.empty());
}

TEST(Runner, SessionsAreMadeAnewAndStandInTheSeries) {
  TestRun run(kRight);
  run.options.stop.sessions = 3;
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  const SeriesResult& load = result.series.at("stage/load");
  EXPECT_EQ(load.sessions.size(), 3u);
  EXPECT_EQ(std::accumulate(load.sessions.begin(), load.sessions.end(), std::int64_t{0}),
            static_cast<std::int64_t>(load.blocks.size()));
  EXPECT_TRUE(result.metrics.at("load_s").between_sessions.has_value());
  EXPECT_EQ(run.fake->renewals, 2);
}

TEST(Runner, WithoutTimingItStillVerifiesAndDigests) {
  TestRun run(kRight);
  run.options.time = false;
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_FALSE(result.verification->outputs.empty());
  EXPECT_TRUE(result.metrics.empty());
  EXPECT_TRUE(result.stages[0].ops.empty());
}

TEST(Runner, AnInterruptionKeepsTheBlocksTakenSoFar) {
  TestRun run(kRight);
  run.options.stop = {.target_ci = 1e-9, .min_seconds = 1e9, .max_seconds = 1e9};
  int passes = 0;
  run.options.progress = [&](const Progress& progress) { passes += progress.phase == "time"; };
  run.options.interrupted = [&] { return passes >= 3; };
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::not_a_measurement) << "three blocks have no 95 % interval";
  EXPECT_EQ(result.reason->find("interrupted"), 0u);
  EXPECT_EQ(result.stages[0].time_s->n, 3);
  EXPECT_EQ(result.metrics.at("load_s").n, 3);
  EXPECT_TRUE(result.metrics.at("load_s").ci95.empty());
}

TEST(Runner, AnInterruptionAfterSixBlocksIsAMeasurement) {
  TestRun run(kRight);
  run.options.stop = {.target_ci = 1e-9, .min_seconds = 1e9, .max_seconds = 1e9};
  int passes = 0;
  run.options.progress = [&](const Progress& progress) { passes += progress.phase == "time"; };
  run.options.interrupted = [&] { return passes >= 8; };
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_EQ(result.reason, "interrupted");
}

TEST(Runner, AnInterruptionBeforeAnythingIsTimedSkipsTheCase) {
  TestRun run(kRight);
  run.options.interrupted = [] { return true; };
  EXPECT_EQ(run().status, CaseStatus::skipped);
}

TEST(Runner, EveryColdSampleHasItsFlush) {
  TestRun run(kRight);
  run.options.time = false;
  run();
  EXPECT_EQ(run.fake->flushes, 0);
  run.options.time = true;
  const CaseResult result = run();
  std::int64_t samples = 0;
  for (const StageResult& stage : result.stages)
    for (const OpResult& op : stage.ops) samples += op.time_s->n;
  EXPECT_GT(run.fake->flushes, samples);
}

/// Two CPUs of which we and somebody else have one each.
HostCounters counters_at(double seconds, double others) {
  HostCounters at;
  at.at_s = seconds;
  at.own_cpu_s = seconds;
  const double idle = seconds * (1 - 2 * others);
  at.cpus = {{.total_s = seconds, .idle_s = 0, .stolen_s = 0},
             {.total_s = seconds, .idle_s = idle, .stolen_s = 0}};
  return at;
}

TEST(Runner, ANeighbourThatTakesACoreIsAWarning) {
  for (const double others : {0.0, 0.5}) {
    TestRun run(kRight);
    double seconds = 0;
    run.options.counters = [&] { return counters_at(seconds += 1, others); };
    const CaseResult result = run();
    EXPECT_EQ(result.status, CaseStatus::ok);
    EXPECT_NEAR(result.telemetry->others_share.value_or(-1), others, 0.01);
    EXPECT_EQ(result.warnings.size(), others > 0 ? 1u : 0u);
    EXPECT_NEAR(result.series.at("machine/others").blocks.at(0).at(0), others, 0.01);
  }
}

struct Steady final : SpeedMeter {
  double measure() override { return 1; }
};

TEST(Runner, ThatNeighboursWereWaitedOutStandsWithEveryFigure) {
  for (const bool waits : {false, true}) {
    TestRun run(kRight);
    Steady speed;
    run.fake->speed = &speed;
    run.options.stop.quiet_wait_seconds = waits ? 1 : 0;
    const CaseResult result = run();
    EXPECT_EQ(result.status, CaseStatus::ok);
    EXPECT_EQ(std::ranges::count(result.conditions, "neighbours"), waits ? 1 : 0);
    EXPECT_EQ(std::ranges::count(result.facts, "neighbours", &Fact::name), waits ? 1 : 0);
    EXPECT_EQ(result.telemetry->quiet_wait_s, waits ? std::optional(0.0) : std::nullopt);
    EXPECT_EQ(result.telemetry->disturbed_blocks.has_value(), waits);
  }
}

/// Once half as fast; of the takes with which it is got to know, and of those that `neighbour` says.
struct Slowed final : SpeedMeter {
  Slowed(FakeDevice& on, std::function<bool(int)> neighbour) : device(on), slow(std::move(neighbour)) {}
  double measure() override {
    device.now_s += 1e-4;
    return slow(++taken) ? 50 : 100;
  }
  FakeDevice& device;
  std::function<bool(int)> slow;
  int taken = 0;
};

TEST(Runner, SessionsThatTurnOutDisturbedAreTimedAgain) {
  TestRun run(kRight);
  constexpr int kFirst = 4000;
  Slowed speed(*run.fake,
               [](int take) { return take <= kFirst + 40; });  // the best is seen in the second session
  run.fake->speed = &speed;
  run.options.stop.sessions = 8;
  run.options.stop.quiet_wait_seconds = 1e3;
  const CaseResult result = run();
  EXPECT_EQ(result.status, CaseStatus::ok);
  EXPECT_EQ(result.series.at("pass").sessions.size(), 8u);
  EXPECT_GT(result.telemetry->disturbed_blocks.value_or(0), 0);
  EXPECT_EQ(result.telemetry->unquiet_blocks, 0);
}

TEST(Runner, TimingSessionsAgainWaitsNoLongerThanIsSaid) {
  TestRun run(kRight);
  // It rests in the later half of the first eight.
  Slowed speed(*run.fake, [&](int) { return run.fake->renewals < 4 || run.fake->renewals > 7; });
  run.fake->speed = &speed;
  run.options.stop.sessions = 8;
  run.options.stop.quiet_wait_seconds = 1;
  const CaseResult result = run();
  EXPECT_GT(run.fake->renewals, 8) << "some were timed again";
  EXPECT_GT(result.telemetry->quiet_wait_s.value_or(0), 0.5);
  EXPECT_LE(result.telemetry->quiet_wait_s.value_or(9), 1.01);
}

TEST(Runner, ANeighbourThatIsBusyFromTheBeginningOnIsSeenWhereAnEarlierRunKnewTheBest) {
  for (const bool known : {false, true}) {
    TestRun run(kRight);
    Slowed speed(*run.fake, [](int) { return true; });
    run.fake->speed = &speed;
    run.options.stop.quiet_wait_seconds = 0.1;
    run.options.quiet_speed = known ? 100 : 0;
    const CaseResult result = run();
    EXPECT_EQ(result.telemetry->quiet_speed, known ? 100 : 50);
    EXPECT_EQ(result.telemetry->unquiet_blocks.value_or(-1) > 0, known);
  }
}

TEST(Runner, AMachineThatNeverRestsEndsAndSaysSo) {
  TestRun run(kRight);
  Slowed speed(*run.fake, [](int take) { return take > 100; });  // 100 of 4000 were fast
  run.fake->speed = &speed;
  run.options.stop.sessions = 8;
  run.options.stop.quiet_wait_seconds = 0.1;
  const CaseResult result = run();
  EXPECT_EQ(result.series.at("pass").sessions.size(), 8u);
  EXPECT_GT(result.telemetry->unquiet_blocks.value_or(0), 0);
  EXPECT_NE(result.warnings.at(0).find("others on the machine slowed it"), std::string::npos);
}

TEST(Runner, WorkspacesAreAskedForAndRecorded) {
  const CaseResult result = TestRun({{"scale", "big", "", make_test_kernel<Fault::none, 10, 4096>},
                                     {"step", "small", "", make_test_kernel<Fault::none, 10, 100>}})();
  EXPECT_EQ(result.memory->workspace_bytes, 4096 + 100);
}

TEST(Runner, TelemetryIsOfTheTimedPart) {
  TestRun run(kRight);
  run.fake->telemetry = Telemetry{.power_w = 350,
                                  .energy_j = {},
                                  .clock_mhz = 1980,
                                  .temperature_max_c = {},
                                  .throttle_reasons = {"power"}};
  const CaseResult result = run();
  EXPECT_EQ(result.telemetry->power_w, 350);
  EXPECT_FALSE(result.telemetry->energy_j.has_value());
  EXPECT_EQ(result.telemetry->throttle_reasons, std::vector<std::string>{"power"});
}

}  // namespace
}  // namespace assay::runner_tests
