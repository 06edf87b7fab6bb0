// SPDX-License-Identifier: Apache-2.0
#include "measure/runner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "plan/memory.h"
#include "support/fake_device.h"
#include "support/test_plan.h"

namespace assay {
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
  CaseResult operator()() { return run_plan(plan, open, peaks, options); }

  const Table table;
  Plan plan;
  FakeDevice* fake;
  OpenDevice open;
  Peaks peaks;
  RunOptions options;
};

TEST(Runner, VerifiesThenTimesAndTakesTheFastestKernel) {
  const CaseResult result = TestRun(kRight)();
  EXPECT_EQ(result.status, "ok");
  EXPECT_FALSE(result.reason.has_value());
  EXPECT_EQ(result.device, "fake:0");
  EXPECT_EQ(result.verification->status, "passed");
  EXPECT_EQ(result.verification->ops.size(), 3u);

  const OpResult& scale = result.stages.at(0).ops.at(0);
  EXPECT_EQ(scale.name, "scale");
  EXPECT_EQ(scale.kernel, "fast");
  EXPECT_EQ(scale.calls, 3);
  EXPECT_EQ(scale.flops, 64);
  EXPECT_NEAR(scale.time_s->median, 100e-6, 1e-9);  // one call of the three
  EXPECT_NEAR(scale.rejected.at("slow"), 500e-6, 1e-9);
}

TEST(Runner, TimesStagesByTheIteration) {
  const CaseResult result = TestRun(kRight)();
  ASSERT_EQ(result.stages.size(), 2u);
  EXPECT_NEAR(result.stages[0].time_s->median, 300e-6, 1e-9);  // three scales
  EXPECT_NEAR(result.stages[1].time_s->median, 300e-6, 1e-9);  // a step and a scale
  EXPECT_EQ(result.stages[1].iterations, 4);
  EXPECT_EQ(result.stages[1].time_s->n, 4 * result.stages[0].time_s->n);
  EXPECT_EQ(result.stages[0].time_s->converged, true);
  EXPECT_EQ(result.stages[1].ops.size(), 2u);
}

TEST(Runner, HeadlinesFollowTheirDefinitions) {
  const CaseResult result = TestRun(kRight)();
  EXPECT_NEAR(result.metrics.at("load_s").median, 300e-6, 1e-9);
  EXPECT_EQ(result.metrics.at("load_s").unit, "s");
  EXPECT_EQ(result.metrics.at("load_s").stage, "load");
  EXPECT_NEAR(result.metrics.at("tokens_per_s").median, 2 / 300e-6, 1e-3);
  EXPECT_EQ(result.metrics.at("tokens_per_s").better, "higher");
  // 3 calls of 64 FLOPs in 300 us are 640 kFLOP/s of 1 GFLOP/s.
  EXPECT_NEAR(result.metrics.at("load_flop_utilisation").median, 640e3 / 1e9, 1e-9);
  EXPECT_FALSE(result.metrics.contains("loop_bandwidth_utilisation")) << "its peak is unknown";
}

TEST(Runner, AKernelThatIsWrongFailsTheCaseAndNothingIsTimed) {
  Table table = kRight;
  table.push_back({"scale", "broken", "", make_test_kernel<Fault::wrong>});
  const CaseResult result = TestRun(table)();
  EXPECT_EQ(result.status, "failed");
  EXPECT_EQ(result.reason->find("scale 32 f32, kernel broken: output y element 17: expected"), 0u)
      << *result.reason;
  EXPECT_EQ(result.verification->status, "failed");
  EXPECT_TRUE(result.metrics.empty());
  EXPECT_FALSE(result.stages[0].time_s.has_value());
  EXPECT_TRUE(result.verification->output_digest.empty());
}

TEST(Runner, AForcedKernelIsTheOnlyOneTried) {
  Table table = kRight;
  table.push_back({"scale", "broken", "", make_test_kernel<Fault::wrong>});
  TestRun run(table);
  run.options.forced_kernels = {{"scale", "slow"}};
  const CaseResult result = run();
  EXPECT_EQ(result.status, "ok");
  EXPECT_EQ(result.stages[0].ops[0].kernel, "slow");
  EXPECT_TRUE(result.stages[0].ops[0].rejected.empty());
}

TEST(Runner, AnUnknownForcedKernelIsBadInputThatListsTheKnownOnes) {
  TestRun run(kRight);
  run.options.forced_kernels = {{"scale", "warp"}};
  try {
    run();
    FAIL() << "an unknown kernel was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::bad_input);
    EXPECT_EQ(error.hint, "scale: slow, fast");
  }
  run.options.forced_kernels = {{"scales", "fast"}};
  EXPECT_THROW(run(), Error);
}

TEST(Runner, AnOpWithoutAKernelSkipsTheCaseWithTheReasons) {
  const CaseResult result = TestRun({{"scale", "picky", "", make_test_kernel<Fault::refuses>},
                                     {"step", "plain", "", make_test_kernel<Fault::none>}})();
  EXPECT_EQ(result.status, "skipped");
  EXPECT_EQ(result.reason, "no kernel serves scale 32 f32; picky: takes no 32 f32");
}

TEST(Runner, APlanThatDoesNotFitIsSkippedWithTheBytes) {
  TestRun run(kRight);
  run.fake->capacity_bytes = 1000;
  const CaseResult result = run();
  EXPECT_EQ(result.status, "skipped");
  EXPECT_EQ(result.reason, "needs 1280 bytes, 1000 free on fake:0");
}

TEST(Runner, MemoryIsWhatThePlanSays) {
  TestRun run(kRight);
  const CaseResult result = run();
  const std::int64_t planned = plan_memory(run.plan).peak_bytes();
  EXPECT_EQ(result.memory->planned_peak_bytes, planned);
  EXPECT_EQ(result.memory->measured_peak_bytes, planned);
  EXPECT_EQ(result.memory->weight_bytes, 128);
  EXPECT_EQ(run.fake->allocated_bytes, 0);
}

TEST(Runner, TheSameSeedGivesTheSameDigest) {
  const CaseResult one = TestRun(kRight)(), same = TestRun(kRight)();
  TestRun other_seed(kRight);
  other_seed.options.seed = 2;
  EXPECT_EQ(one.verification->output_digest.size(), 2u * (3 + 8));
  EXPECT_EQ(one.verification->output_digest, same.verification->output_digest);
  EXPECT_NE(one.verification->output_digest, other_seed().verification->output_digest);
}

TEST(Runner, WithoutTimingItStillVerifiesAndDigests) {
  TestRun run(kRight);
  run.options.time = false;
  const CaseResult result = run();
  EXPECT_EQ(result.status, "ok");
  EXPECT_FALSE(result.verification->output_digest.empty());
  EXPECT_TRUE(result.metrics.empty());
  EXPECT_TRUE(result.stages[0].ops.empty());
}

TEST(Runner, AnInterruptionKeepsTheSamplesTakenSoFar) {
  TestRun run(kRight);
  run.options.stop = {.target_ci = 1e-9, .min_seconds = 1e9, .max_seconds = 1e9};
  int passes = 0;
  run.options.progress = [&](const Progress& progress) { passes += progress.phase == "time"; };
  run.options.interrupted = [&] { return passes >= 3; };
  const CaseResult result = run();
  EXPECT_EQ(result.status, "ok");
  EXPECT_EQ(result.reason, "interrupted");
  EXPECT_EQ(result.stages[0].time_s->n, 3);
  EXPECT_EQ(result.metrics.at("load_s").n, 3);
  EXPECT_TRUE(result.metrics.at("load_s").ci95.empty()) << "three samples have no 95 % interval";
}

TEST(Runner, AnInterruptionBeforeAnythingIsTimedSkipsTheCase) {
  TestRun run(kRight);
  run.options.interrupted = [] { return true; };
  EXPECT_EQ(run().status, "skipped");
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
}  // namespace assay
