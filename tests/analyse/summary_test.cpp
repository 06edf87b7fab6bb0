// SPDX-License-Identifier: Apache-2.0
#include "analyse/summary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyse/excess.h"
#include "analyse/roofline.h"
#include "result/result_json.h"
#include "support/example_result.h"

namespace assay::summary_tests {
namespace {

Summary of(const Result& r) {
  return summarise(std::span(&r, 1));
}

TEST(Summary, CountsCasesByTheirStatus) {
  const Summary s = of(example_result());
  EXPECT_EQ(s.ok, 5);
  EXPECT_EQ(s.skipped, 1);
  EXPECT_EQ(s.failed, 0);
  EXPECT_EQ(s.not_a_measurement, 1);
}

TEST(Summary, ShortensIdsByWhatTheyShare) {
  Result r = example_result();
  EXPECT_EQ(of(r).common_id, "llm");
  r.cases.resize(3);
  EXPECT_EQ(of(r).common_id, "llm/test-model/bf16");
  EXPECT_EQ(of(r).cases[0].short_id, "batch=1");
}

TEST(Summary, OrdersTimesBeforeRatesBeforeShares) {
  const Summary s = of(example_result());
  EXPECT_EQ(s.cases[0].headlines[0].metric, "time_to_first_token_s");
  EXPECT_EQ(s.cases[0].headlines[1].metric, "output_tokens_per_s");
  EXPECT_EQ(s.cases[0].headlines[2].metric, "decode_bandwidth_utilisation");
}

TEST(Summary, TakesHeadlinesFromTheFieldsOfTheirMetric) {
  const Result r = example_result();
  const Summary s = of(r);
  const CaseSummary& c = s.cases[0];
  ASSERT_EQ(c.headlines.size(), 3u);
  for (const Headline& h : c.headlines) {
    const MetricResult& m = r.cases[0].metrics.at(h.metric);
    EXPECT_EQ(h.value, m.value);
    EXPECT_EQ(h.low, m.ci95[0]);
    EXPECT_EQ(h.high, m.ci95[1]);
    EXPECT_EQ(h.p90, m.p90);
    EXPECT_EQ(h.ceiling, m.ceiling);
    EXPECT_EQ(h.n, m.n);
    EXPECT_EQ(h.blocks, 12);
    EXPECT_EQ(h.sessions, 2);
    EXPECT_NEAR(*h.half_width, 0.01, 1e-9);
    EXPECT_NEAR(*h.within_deviation, 0.01, 1e-9);
    EXPECT_NEAR(*h.between_deviation, 0.03, 1e-9);
  }
}

TEST(Summary, KeepsWhatIsWithheldUnknown) {
  const Summary s = of(example_result());
  const Headline& share = s.cases[1].headlines[2];
  EXPECT_FALSE(share.value);
  EXPECT_FALSE(share.low);
  EXPECT_NE(share.why.find("the peak beside it moved"), std::string::npos);
}

TEST(Summary, MakesNoFigureOfWhatIsNoMeasurement) {
  const Result r = example_result();
  ASSERT_FALSE(r.cases[4].metrics.empty());
  const Summary s = of(r);
  EXPECT_TRUE(s.cases[4].headlines.empty());
  EXPECT_TRUE(s.cases[4].stages.empty());
  for (const ModelSummary& model : s.models)
    for (const BestFigure& best : model.best) EXPECT_NE(best.case_index, 4u);
}

TEST(Summary, FindsTheBestOfEachMetricWithinOneModelAndDevice) {
  const Summary s = of(example_result());
  ASSERT_EQ(s.models.size(), 4u);
  const ModelSummary& model = s.models[0];
  EXPECT_EQ(model.label, "test-model");
  EXPECT_EQ(model.over, (std::vector<std::string>{"batch"}));
  EXPECT_EQ(model.best[0].metric, "time_to_first_token_s");
  EXPECT_EQ(model.best[0].case_index, 0u);  // 6 ms against 12 ms
  EXPECT_EQ(model.best[0].of_cases, 2);
  EXPECT_EQ(model.best[0].at, "batch=1");
  EXPECT_EQ(model.best[1].case_index, 1u);  // 8 / 1.2 ms against 1 / 0.6 ms
  EXPECT_EQ(model.best[1].at, "batch=8");
  EXPECT_EQ(model.best[2].of_cases, 1);  // the other share is withheld
  EXPECT_EQ(s.models[2].label, "other-model, skew 1.05");
  EXPECT_EQ(s.models[2].best[0].of_cases, 1);  // of a model of its own
}

TEST(Summary, NamesNoBestOverDifferentRunsOfAModel) {
  Result r = example_result();
  r.cases.resize(2);
  r.cases[1].run = "test-model batch";
  const Summary s = of(r);
  ASSERT_EQ(s.models.size(), 2u);
  EXPECT_EQ(s.models[0].label, "test-model, test-model chat");
  EXPECT_EQ(s.models[1].label, "test-model, test-model batch");
  EXPECT_EQ(s.models[0].best[0].of_cases, 1);
}

TEST(Summary, ComparesTheSameCaseOnTwoDevices) {
  const Summary s = of(example_result());
  ASSERT_EQ(s.comparisons.size(), 3u);
  const CaseComparison& first = s.comparisons[0];
  EXPECT_EQ(first.id, "llm/test-model/bf16/batch=1");
  ASSERT_EQ(first.of.metrics.size(), 2u);
  for (const MetricComparison& m : first.of.metrics) {
    EXPECT_NEAR(*m.ratio, 10, 1e-6) << m.metric;
    EXPECT_EQ(m.verdict, Verdict::faster) << m.metric;
  }
  EXPECT_FALSE(s.comparisons[1].of.not_measured.empty());  // batch=8 on the second device
  for (const MetricComparison& m : s.comparisons[2].of.metrics) {
    EXPECT_NEAR(*m.ratio, 1.25, 1e-6) << m.metric;
    EXPECT_EQ(m.verdict, Verdict::cannot_tell) << m.metric;  // one session each
  }
}

TEST(Summary, RefusesToCompareDifferentWorkAndSaysWhy) {
  Result r = example_result();
  r.cases[3].stages[0].flops *= 2;
  const Summary s = of(r);
  EXPECT_EQ(s.comparisons.size(), 2u);
  ASSERT_EQ(s.notes.size(), 1u);
  EXPECT_NE(s.notes[0].find("stage prefill is 4.00 GFLOP in one and 8.00 GFLOP in the other"),
            std::string::npos)
      << s.notes[0];
}

TEST(Summary, CountsOutputsThatDisagree) {
  Result r = example_result();
  EXPECT_EQ(of(r).disagreements, 1);  // the decode logits of batch=1
  EXPECT_TRUE(outputs_disagree(std::span(&r, 1)));
  EXPECT_EQ(of(r).usable.verdict, Usable::not_usable);
  r.cases[3].verification->outputs["decode logits"] = r.cases[0].verification->outputs["decode logits"];
  EXPECT_EQ(of(r).disagreements, 0);
  EXPECT_FALSE(outputs_disagree(std::span(&r, 1)));
}

TEST(Summary, TellsEqualDevicesOfTwoResultsApart) {
  const Result a = example_result();
  const std::vector<Result> both = {a, a};
  const Summary s = summarise(both);
  ASSERT_EQ(s.devices.size(), 4u);
  EXPECT_EQ(s.devices[0].label, "Test device (cpu), Golden test #1");
  EXPECT_EQ(s.devices[2].label, "Test device (cpu), Golden test #2");
}

TEST(Summary, ShowsHowFarThePeaksMoved) {
  const Summary s = of(example_result());
  ASSERT_TRUE(s.worst_drift);
  EXPECT_NEAR(s.worst_drift->change, -0.02, 1e-12);
  EXPECT_EQ(s.drift.size(), 4u);                                  // two devices, bandwidth and one dtype each
  EXPECT_EQ(s.devices[0].peaks.of(Path::memory).measured, 1e11);  // the better probe
}

TEST(Summary, PutsTheOpNearestToItsToleranceFirst) {
  const Summary s = of(example_result());
  ASSERT_FALSE(s.verified.empty());
  EXPECT_EQ(s.verified[0].op, "qkv");
  EXPECT_NEAR(*s.verified[0].used, 0.0039 / 0.00390625, 1e-12);
  EXPECT_EQ(s.ops_passed, 8);  // four a device: the batches and models share their shapes here
  EXPECT_EQ(s.elements_checked, 24000);
}

TEST(Summary, TellsWhereOneRoundingIsTheWholeAllowance) {
  Result r = example_result();
  EXPECT_TRUE(of(r).verified[0].one_rounding);   // of one rounding, and 0.02 % for the rest
  EXPECT_FALSE(of(r).verified[2].one_rounding);  // of two
  for (CaseResult& c : r.cases)
    if (c.verification) c.verification->ops[0].rounding.reset();
  EXPECT_FALSE(of(r).verified[0].one_rounding);
}

TEST(Summary, PutsFailuresBeforeEverything) {
  Result r = example_result();
  r.cases[1].verification->ops[1].status = CheckStatus::failed;
  const Summary s = of(r);
  EXPECT_EQ(s.verified[0].status, CheckStatus::failed);
  EXPECT_EQ(s.ops_failed, 1);
}

TEST(Summary, ListsAKernelThatDoesNotServeOnceWithItsShapes) {
  Result r = example_result();
  std::vector<OpVerification>& ops = r.cases[0].verification->ops;
  const std::size_t ran = of(r).verified.size();
  for (const char* shape : {"512x9x8 bf16", "1x9x8 bf16"})
    ops.push_back({.op = "qkv",
                   .shape = shape,
                   .kernel = "other",
                   .status = CheckStatus::skipped,
                   .reason = "too odd"});
  const Summary s = of(r);
  EXPECT_EQ(s.verified.size(), ran);
  ASSERT_EQ(s.not_served.size(), 1u);
  EXPECT_EQ(s.not_served[0].kernel, "other");
  EXPECT_EQ(s.not_served[0].reason, "too odd");
  EXPECT_EQ(s.not_served[0].shapes.size(), 2u);
  EXPECT_EQ(s.ops_skipped, 2);
}

TEST(Summary, SaysHowMuchOfAStageItsOpsCover) {
  const Summary s = of(example_result());
  const StageSummary& prefill = s.cases[0].stages[0];
  EXPECT_NEAR(*prefill.ops_s, 2 * 2.5e-3 + 4 * 8e-6, 1e-12);
  EXPECT_NEAR(*prefill.covered, 5.032e-3 / 6e-3, 1e-9);
  ASSERT_EQ(prefill.bounds.size(), 2u);
  EXPECT_EQ(prefill.bounds[0].bound, Bound::compute);
  EXPECT_NEAR(prefill.bounds[0].share, 5.0 / 5.032, 1e-9);
  EXPECT_NEAR(*prefill.bounds[0].of_peak, 0.8, 1e-9);  // 2 GFLOP in 2.5 ms of 1 TFLOP/s
  EXPECT_NEAR(*prefill.flops_per_s, 4.0016e9 / 6e-3, 1);
}

TEST(Summary, SetsTheFloorBesideOpsThatComeNearIt) {
  const CaseSummary c = of(example_result()).cases[0];
  EXPECT_EQ(c.floor_s, 1e-6);
  EXPECT_EQ(c.stages[0].near_floor, (std::vector<std::size_t>{1}));  // 8 us
  EXPECT_EQ(c.stages[1].near_floor, (std::vector<std::size_t>{1}));  // 100 ns
  EXPECT_EQ(c.stages[1].bounds[1].bound, Bound::launch);
}

TEST(Summary, SaysWhyTheShareOfAStageIsWithheld) {
  const Summary s = of(example_result());
  EXPECT_EQ(s.cases[0].stages[1].withheld, "");
  EXPECT_FALSE(s.cases[1].stages[1].of_peak.measured);
  EXPECT_EQ(s.cases[1].stages[1].withheld,
            "the peak of memory bandwidth moved by 31.0 % (81.0 GB/s to 112 GB/s)");
}

TEST(Summary, NamesTheOpsThatTheCacheServed) {
  Result r = example_result();
  DeviceResult& device = r.devices[0];
  OpResult& norm = r.cases[0].stages[0].ops[1];
  norm.bytes = {{Path::memory, 4e6}};  // in 8 us, five times the peak
  add_roofline(r);
  EXPECT_TRUE(of(r).cases[0].stages[0].in_cache.empty());
  const auto above = [&] { return std::ranges::count_if(r.warnings, Excess::is_one); };
  EXPECT_EQ(above(), 1);
  device.cache_bytes = 4'000'000;
  add_roofline(r);
  EXPECT_EQ(of(r).cases[0].stages[0].in_cache, (std::vector<std::size_t>{1}));
  EXPECT_EQ(above(), 0);
}

TEST(Summary, TakesTheBetterProbeOfEveryPeak) {
  Result r = example_result();
  Peaks &before = r.devices[0].peaks, &after = r.devices[0].peaks_after;
  before.set_host_link({.datasheet = 64, .measured = 50, .source = "link"}, {});
  after.set_host_link({.datasheet = 64, .measured = 51, .source = "link"},
                      {.datasheet = {}, .measured = 49, .source = {}});
  before.random_read_bytes_per_s[64] = {.datasheet = {}, .measured = 20, .source = {}};
  after.random_read_bytes_per_s[64] = {.datasheet = {}, .measured = 19, .source = {}};
  after.random_read_bytes_per_s[128] = {.datasheet = {}, .measured = 40, .source = {}};
  const Summary s = of(r);
  const Peaks& best = s.devices[0].peaks;
  EXPECT_EQ(best.of(Path::host_link).measured, 51);
  EXPECT_EQ(best.of(Path::host_link).datasheet, 64);
  EXPECT_EQ(best.to_device_bytes_per_s.measured, 51);
  EXPECT_EQ(best.from_device_bytes_per_s.measured, 49);
  EXPECT_EQ(best.random_read_bytes_per_s.at(64).measured, 20);
  EXPECT_EQ(best.random_read_bytes_per_s.at(128).measured, 40);
  const auto link = std::ranges::find(s.drift, "host_link", &Drift::peak);
  ASSERT_NE(link, s.drift.end());
  EXPECT_EQ(link->unit, "B/s");
  EXPECT_NEAR(link->change, 0.02, 1e-12);
}

TEST(Summary, FoldsSmallOpsIntoOther) {
  Result r = example_result();
  auto& ops = r.cases[0].stages[0].ops;
  while (ops.size() < 12) ops.push_back(ops[1]);
  add_roofline(r);
  const auto pieces = of(r).cases[0].stages[0].pieces;
  ASSERT_EQ(pieces.size(), 8u);
  EXPECT_TRUE(pieces.back().rest);
  double sum = 0;
  for (const Piece& piece : pieces) sum += piece.share;
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Summary, GathersWhatPassedByKernelAndLeavesFailuresAlone) {
  Result r = example_result();
  r.cases = {r.cases[0]};
  OpVerification op;
  op.op = "matmul";
  op.kernel = "rows";
  op.tolerance = 1;
  op.checked = 10;
  std::vector<OpVerification>& ops = r.cases[0].verification->ops;
  ops.clear();
  for (const double error : {0.2, 0.9, 0.5}) {
    op.shape = std::to_string(error);
    op.error = error;
    ops.push_back(op);
  }
  op.shape = "wrong";
  op.status = CheckStatus::failed;
  op.error = 3;
  ops.push_back(op);
  const Summary s = of(r);
  ASSERT_EQ(s.verified_kernels.size(), 2u);
  EXPECT_EQ(s.verified_kernels[0].worst.shape, "wrong");
  EXPECT_EQ(s.verified_kernels[0].shapes, 1);
  EXPECT_EQ(s.verified_kernels[1].worst.error, 0.9);
  EXPECT_EQ(s.verified_kernels[1].shapes, 3);
  EXPECT_EQ(s.verified_kernels[1].checked, 30);
}

}  // namespace
}  // namespace assay::summary_tests
