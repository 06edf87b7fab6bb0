// SPDX-License-Identifier: Apache-2.0
#include "analyse/summary.h"

#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "result/result_json.h"

namespace assay {
namespace {

/// Cases batch=1 and batch=8 on "Test device", one skipped there, batch=1 on "Test device 2", ten times as
/// fast.
Result example() {
  Result r = read_result(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  add_roofline(r);
  return r;
}

Summary of(const Result& r) {
  return summarise(std::span(&r, 1));
}

TEST(Summary, CountsCasesByTheirStatus) {
  const Summary s = of(example());
  EXPECT_EQ(s.ok, 3);
  EXPECT_EQ(s.skipped, 1);
  EXPECT_EQ(s.failed, 0);
}

TEST(Summary, ShortensIdsByWhatTheyShare) {
  const Summary s = of(example());
  EXPECT_EQ(s.common_id, "llm/test-model/bf16");
  EXPECT_EQ(s.cases[0].short_id, "batch=1");
}

TEST(Summary, OrdersTimesBeforeRates) {
  const Summary s = of(example());
  EXPECT_EQ(s.cases[0].headlines[0].metric, "time_to_first_token_s");
  EXPECT_EQ(s.cases[0].headlines[1].metric, "output_tokens_per_s");
}

TEST(Summary, TakesHeadlinesFromTheFieldsOfTheirMetric) {
  const Result r = example();
  const Summary s = of(r);
  for (const CaseSummary& c : s.cases)
    for (const Headline& h : c.headlines) {
      const MetricResult& m = r.cases[c.index].metrics.at(h.metric);
      EXPECT_EQ(h.median, m.median);
      EXPECT_EQ(h.low, m.ci95[0]);
      EXPECT_EQ(h.high, m.ci95[1]);
      EXPECT_EQ(h.p90, m.p90);
      EXPECT_EQ(h.ceiling, m.ceiling);
      EXPECT_NEAR(*h.half_width, 0.01, 1e-12);  // the example's intervals are all 1 % wide to each side
    }
}

TEST(Summary, FindsTheBestOfEachMetricByItsOwnSense) {
  const Summary s = of(example());
  ASSERT_EQ(s.best.size(), 2u);
  EXPECT_EQ(s.best[0].metric, "time_to_first_token_s");
  EXPECT_EQ(s.best[0].case_index, 3u);  // 0.6 ms on the second device, lowest
  EXPECT_EQ(s.best[1].case_index, 3u);  // 1 / 60 us = 16,667 /s against 1,667 and 6,667, highest
  EXPECT_EQ(s.best[1].of_cases, 3);
}

TEST(Summary, ComparesTheSameCaseOnTwoDevices) {
  const Summary s = of(example());
  ASSERT_EQ(s.comparisons.size(), 2u);  // batch=1 alone ran on both
  EXPECT_EQ(s.comparisons[0].metric, "time_to_first_token_s");
  EXPECT_NEAR(s.comparisons[0].ratio, 10, 1e-9);
  EXPECT_NEAR(*s.comparisons[0].low, 10 * 0.99 / 1.01, 1e-9);
  EXPECT_NEAR(*s.comparisons[0].high, 10 * 1.01 / 0.99, 1e-9);
  EXPECT_EQ(s.comparisons[0].verdict, "better");
  EXPECT_NEAR(s.comparisons[1].ratio, 10, 1e-9);  // a rate: the other way round
  EXPECT_NEAR(*s.comparisons[1].low, 10 * 0.99 / 1.01, 1e-9);
}

TEST(Summary, SeesNoDifferenceWhereTheIntervalHoldsOne) {
  Result r = example();
  r.cases[3].metrics = r.cases[0].metrics;
  const Summary s = of(r);
  EXPECT_EQ(s.comparisons[0].ratio, 1);
  EXPECT_EQ(s.comparisons[0].verdict, "no difference");
}

TEST(Summary, RefusesToCompareDifferentWorkAndSaysWhy) {
  Result r = example();
  r.cases[3].stages[0].flops *= 2;
  const Summary s = of(r);
  EXPECT_TRUE(s.comparisons.empty());
  ASSERT_EQ(s.notes.size(), 1u);
  EXPECT_NE(s.notes[0].find("stage prefill is 4.00 GFLOP in one and 8.00 GFLOP in the other"),
            std::string::npos)
      << s.notes[0];
}

TEST(Summary, MeasuresHowFarOutputsOfTwoDevicesDiffer) {
  const Summary s = of(example());
  ASSERT_EQ(s.agreements.size(), 1u);
  EXPECT_NEAR(s.agreements[0].difference, 0.003 / std::sqrt(3.0), 1e-9);  // rms of (1, 2, -2) is sqrt(3)
}

TEST(Summary, ComparesNoOutputsOfDifferentSeeds) {
  const Result a = example();
  Result b = a;
  b.config["seed"] = 2;
  b.cases = {a.cases[3]};
  Result first = a;
  first.cases = {a.cases[0]};
  const std::vector<Result> both = {first, b};
  EXPECT_TRUE(summarise(both).agreements.empty());
  EXPECT_EQ(summarise(both).comparisons.size(), 2u);
}

TEST(Summary, FindsTheSeedOfASuiteInItsRuns) {
  Result a = example();
  a.config = {{"runs", Json::array({{{"seed", 1}}, {{"seed", 1}}})}};
  Result b = a;
  a.cases = {a.cases[0]};
  b.cases = {b.cases[3]};
  std::vector<Result> both = {a, b};
  EXPECT_EQ(summarise(both).agreements.size(), 1u);
  both[1].config["runs"][1]["seed"] = 2;
  EXPECT_TRUE(summarise(both).agreements.empty());
}

TEST(Summary, TellsEqualDevicesOfTwoResultsApart) {
  const Result a = example();
  const std::vector<Result> both = {a, a};
  const Summary s = summarise(both);
  ASSERT_EQ(s.devices.size(), 4u);
  EXPECT_EQ(s.devices[0].label, "Test device (cpu), Golden test #1");
  EXPECT_EQ(s.devices[2].label, "Test device (cpu), Golden test #2");
}

TEST(Summary, ShowsHowFarThePeaksMoved) {
  const Summary s = of(example());
  ASSERT_TRUE(s.worst_drift);
  EXPECT_NEAR(s.worst_drift->change, -0.02, 1e-12);
  EXPECT_EQ(s.drift.size(), 4u);                             // two devices, bandwidth and one dtype each
  EXPECT_EQ(s.devices[0].peaks.bytes_per_s.measured, 1e11);  // the better probe
}

TEST(Summary, PutsTheOpNearestToItsToleranceFirst) {
  const Summary s = of(example());
  ASSERT_FALSE(s.verified.empty());
  EXPECT_EQ(s.verified[0].op, "qkv");
  EXPECT_NEAR(*s.verified[0].used, 0.004 / 0.0078125, 1e-12);
  EXPECT_EQ(s.ops_passed, 8);  // four a device: the batches share their shapes here
  EXPECT_EQ(s.elements_checked, 12000);
}

TEST(Summary, PutsFailuresBeforeEverything) {
  Result r = example();
  r.cases[1].verification->ops[1].status = "failed";
  const Summary s = of(r);
  EXPECT_EQ(s.verified[0].status, "failed");
  EXPECT_EQ(s.ops_failed, 1);
}

TEST(Summary, ListsAKernelThatDoesNotServeOnceWithItsShapes) {
  Result r = example();
  std::vector<OpVerification>& ops = r.cases[0].verification->ops;
  const std::size_t ran = of(r).verified.size();
  for (const char* shape : {"512x9x8 bf16", "1x9x8 bf16"})
    ops.push_back({.op = "qkv", .shape = shape, .kernel = "other", .status = "skipped", .reason = "too odd"});
  const Summary s = of(r);
  EXPECT_EQ(s.verified.size(), ran);
  ASSERT_EQ(s.not_served.size(), 1u);
  EXPECT_EQ(s.not_served[0].kernel, "other");
  EXPECT_EQ(s.not_served[0].reason, "too odd");
  EXPECT_EQ(s.not_served[0].shapes.size(), 2u);
  EXPECT_EQ(s.ops_skipped, 2);
}

TEST(Summary, SaysHowMuchOfAStageItsOpsCover) {
  const Summary s = of(example());
  const StageSummary& prefill = s.cases[0].stages[0];
  EXPECT_NEAR(*prefill.ops_s, 2 * 2.5e-3 + 4 * 8e-6, 1e-12);
  EXPECT_NEAR(*prefill.covered, 5.032e-3 / 6e-3, 1e-9);
  ASSERT_EQ(prefill.bounds.size(), 2u);
  EXPECT_EQ(prefill.bounds[0].bound, "compute");
  EXPECT_NEAR(prefill.bounds[0].share, 5.0 / 5.032, 1e-9);
  EXPECT_NEAR(*prefill.flops_per_s, 4.0016e9 / 6e-3, 1);
}

TEST(Summary, FoldsSmallOpsIntoOther) {
  Result r = example();
  auto& ops = r.cases[0].stages[0].ops;
  while (ops.size() < 12) ops.push_back(ops[1]);
  add_roofline(r);
  const auto pieces = of(r).cases[0].stages[0].pieces;
  ASSERT_EQ(pieces.size(), 8u);
  EXPECT_EQ(pieces.back().name, "other");
  double sum = 0;
  for (const Piece& piece : pieces) sum += piece.share;
  EXPECT_NEAR(sum, 1, 1e-12);
}

}  // namespace
}  // namespace assay
