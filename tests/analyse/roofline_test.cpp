// SPDX-License-Identifier: Apache-2.0
#include "analyse/roofline.h"

#include <gtest/gtest.h>

#include "analyse/ceilings.h"

namespace assay::roofline_tests {
namespace {

MetricResult seconds(double value, const std::string& of = "") {
  MetricResult m;
  m.unit = "s";
  m.value = value;
  m.of = of;
  return m;
}

OpResult op(const std::string& name, double flops, double bytes, double time_s, std::int64_t calls = 1) {
  OpResult o;
  o.name = name;
  o.kind = "matmul";
  o.shape = "4x4 bf16";
  o.dtype = "bf16";
  o.calls = calls;
  o.flops = flops;
  o.bytes = {{Path::memory, bytes}};
  o.time_s = seconds(time_s);
  return o;
}

/// 1000 FLOP/s and 100 bytes/s measured; twice and 1.25 times that by datasheet.
Result with(std::vector<OpResult> ops) {
  Result r;
  DeviceResult d;
  d.id = "cpu";
  d.peaks.flops_per_s[DType::bf16] = {.datasheet = 2000, .measured = 1000, .source = ""};
  d.peaks.bytes_per_s[Path::memory] = {.datasheet = 125, .measured = 100, .source = ""};
  r.devices.push_back(d);
  StageResult stage;
  stage.name = "prefill";
  stage.ops = std::move(ops);
  stage.time_s = seconds(10);
  CaseResult c;
  c.device = "cpu";
  c.stages.push_back(stage);
  r.cases.push_back(c);
  return r;
}

const OpResult& first(const Result& r) {
  return r.cases[0].stages[0].ops[0];
}

TEST(Roofline, HoldsAStageOfTheHostAgainstNoPeakOfAGpu) {
  Result r = with({op("a", 1000, 50, 2)});
  r.cases[0].stages[0].place = Place::host;
  r.devices[0].kind = "cuda";
  add_roofline(r);
  EXPECT_FALSE(first(r).of_peak.measured || first(r).of_peak.datasheet || first(r).bound);
  EXPECT_FALSE(r.cases[0].stages[0].ceiling_s);
  r.devices[0].kind = "cpu";  // which feeds itself
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 0.5);
}

TEST(Roofline, TakesTheLargerOfComputeAndMemoryTime) {
  // 1000 FLOP at 1000 FLOP/s take 1 s; 50 bytes at 100 bytes/s take 0.5 s: compute binds, 1 s of 2 s is 50 %.
  Result r = with({op("a", 1000, 50, 2)});
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::compute);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 0.5);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.datasheet, 0.25);  // 1000 / 2000 = 0.5 s, 50 / 125 = 0.4 s
  EXPECT_DOUBLE_EQ(*first(r).flops_per_s, 500);
  EXPECT_DOUBLE_EQ(*first(r).bytes_per_s, 25);
  EXPECT_DOUBLE_EQ(*first(r).intensity, 20);

  r = with({op("a", 100, 50, 2)});
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::memory);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 0.25);
}

TEST(Roofline, SharesTheStageByCallsTimesTime) {
  Result r = with({op("a", 1, 1, 2, 3), op("b", 1, 1, 4)});  // 6 s and 4 s
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).share, 0.6);
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].ops[1].share, 0.4);
}

TEST(Roofline, AddsUpTheLeastTimeOfAStage) {
  Result r = with({op("a", 1000, 50, 2, 3), op("b", 100, 200, 3)});  // 3 x 1 s + 2 s of 10 s
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].ceiling_s, 5);
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].of_peak.measured, 0.5);
}

TEST(Roofline, SetsAMetricBesideTheBoundOfItsStage) {
  Result r = with({op("a", 5000, 50, 9)});
  r.cases[0].stages[0].compulsory = {.flops = {{DType::bf16, 5000}}, .bytes = {}};  // 5 s of 10 s
  MetricResult rate = seconds(7, "stage/prefill");
  rate.unit = "tokens/s";
  rate.amount = 70;
  MetricResult share = rate;
  share.peak_of = "bf16";
  r.cases[0].metrics = {{"tokens_per_s", rate},
                        {"time_s", seconds(10, "stage/prefill")},
                        {"utilisation", share},
                        {"other_s", seconds(1, "request")}};
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*r.cases[0].metrics["tokens_per_s"].ceiling, 14);  // 70 in 5 s
  EXPECT_DOUBLE_EQ(*r.cases[0].metrics["time_s"].ceiling, 5);
  EXPECT_FALSE(r.cases[0].metrics["utilisation"].ceiling);  // it is of its peak already
  EXPECT_FALSE(r.cases[0].metrics["other_s"].ceiling);
}

TEST(Roofline, CallsAnOpLaunchBoundNearTheShortestLaunch) {
  Result r = with({op("a", 10, 0.5, 0.19)});
  r.devices[0].peaks.launch_s = 0.1;
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::launch);  // 0.19 s < 2 x 0.1 s
  r = with({op("a", 10, 0.5, 0.21)});
  r.devices[0].peaks.launch_s = 0.1;
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::compute);
}

TEST(Roofline, LeavesUnknownWhatNeedsAnUnknownCeiling) {
  Result r = with({op("a", 1000, 50, 2)});
  r.devices[0].peaks.flops_per_s.clear();
  add_roofline(r);
  EXPECT_FALSE(first(r).bound);
  EXPECT_FALSE(first(r).of_peak.measured);
  EXPECT_FALSE(r.cases[0].stages[0].ceiling_s);
  EXPECT_TRUE(first(r).flops_per_s);

  r = with({op("copy", 0, 50, 2)});  // needs no arithmetic peak
  r.devices[0].peaks.flops_per_s.clear();
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::memory);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 0.25);
}

TEST(Roofline, FallsBackOnTheDatasheetForTheBound) {
  Result r = with({op("a", 1000, 50, 2)});
  r.devices[0].peaks.flops_per_s[DType::bf16].measured.reset();
  r.devices[0].peaks.bytes_per_s[Path::memory].measured.reset();
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::compute);
  EXPECT_FALSE(first(r).of_peak.measured);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.datasheet, 0.25);
}

TEST(Roofline, TakesTheBetterProbeSoThatASlowedMachineDoesNotFlatter) {
  Result r = with({op("a", 1000, 50, 2)});
  r.devices[0].peaks_after.flops_per_s[DType::bf16] = {.datasheet = {}, .measured = 1050, .source = ""};
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 1000.0 / 1050 / 2);
}

/// A peak probed beside the blocks of the case.
void put_beside(Result& r, const std::string& peak, double value, const std::string& why = "") {
  MetricResult m;
  m.value = value;
  m.why = why;
  r.cases[0].peaks[peak] = m;
}

TEST(Roofline, TakesThePeaksProbedBesideTheCaseBeforeAllOthers) {
  Result r = with({op("a", 1000, 50, 2)});
  put_beside(r, "bf16", 800);
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 1000.0 / 800 / 2);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.datasheet, 0.25);  // as sold, whatever was probed
}

TEST(Roofline, WithholdsSharesOfAPeakThatMovedAndKeepsTheOthers) {
  Result r = with({op("read", 100, 200, 4), op("multiply", 1000, 50, 2)});
  put_beside(r, "memory", 100, "moved by 30 %");
  put_beside(r, "bf16", 1000);
  r.cases[0].metrics = {{"time_s", seconds(10, "stage/prefill")}};
  add_roofline(r);
  const StageResult& stage = r.cases[0].stages[0];
  EXPECT_FALSE(first(r).of_peak.measured);
  EXPECT_TRUE(first(r).of_peak.datasheet);
  EXPECT_EQ(first(r).bound, Bound::memory);  // a class, which the movement does not change
  EXPECT_DOUBLE_EQ(*stage.ops[1].of_peak.measured, 0.5);
  EXPECT_FALSE(stage.ceiling_s);  // 2 s of its 3 s rest on what moved
  EXPECT_FALSE(stage.of_peak.measured);
  EXPECT_FALSE(r.cases[0].metrics["time_s"].ceiling);
}

TEST(Roofline, KeepsTheShareOfAStageThatHardlyRestsOnWhatMoved) {
  Result r = with({op("read", 0, 5, 1), op("multiply", 1000, 50, 2)});  // 0.05 s of 1.05 s
  put_beside(r, "memory", 100, "moved by 30 %");
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].ceiling_s, 1.05);
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].of_peak.measured, 0.105);
}

TEST(Roofline, WithholdsSharesWhereProbesBeforeAndAfterLieApart) {
  Result r = with({op("read", 100, 200, 4)});
  r.devices[0].peaks_after.bytes_per_s[Path::memory].measured = 109;
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 200.0 / 109 / 4);
  r.devices[0].peaks_after.bytes_per_s[Path::memory].measured = 201;  // it moved by 101 %
  add_roofline(r);
  EXPECT_FALSE(first(r).of_peak.measured);
}

TEST(Roofline, ReportsAFigureAboveItsCeilingAndDoesNotClipIt) {
  Result r = with({op("a", 1, 300, 2)});  // 150 bytes/s where 100 were measured and 125 sold
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 1.5);
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_EQ(r.warnings[0],
            "above its ceiling: a (matmul 4x4 bf16) on cpu shows 150 B/s, its ceiling is 100 B/s measured: "
            "check the count of its bytes, or run again: the probe of the peak may have been disturbed");
}

TEST(Roofline, WarnsOfAShareAbovePeakInAHeadline) {
  Result r = with({op("a", 1000, 50, 2)});
  MetricResult share = seconds(1.1, "stage/prefill");
  share.unit = "1";
  share.peak_of = "memory";
  r.cases[0].metrics["utilisation"] = share;
  add_roofline(r);
  EXPECT_DOUBLE_EQ(r.cases[0].metrics["utilisation"].value, 1.1);
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_NE(r.warnings[0].find("110 % of the measured peak"), std::string::npos) << r.warnings[0];
}

TEST(Roofline, WarnsOfNothingInACaseThatIsNoMeasurement) {
  Result r = with({op("a", 1, 300, 2)});
  r.cases[0].status = CaseStatus::not_a_measurement;
  add_roofline(r);
  EXPECT_TRUE(r.warnings.empty());
}

TEST(Roofline, WarnsOfNothingWhereTheDataFitTheCache) {
  Result r = with({op("a", 1, 300, 2)});
  r.devices[0].cache_bytes = 300;
  add_roofline(r);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 1.5);
  EXPECT_TRUE(r.warnings.empty()) << r.warnings[0];
  r.devices[0].cache_bytes = 299;
  add_roofline(r);
  EXPECT_EQ(r.warnings.size(), 1u);
}

TEST(Roofline, AllowsCallsInARowWhatTheCacheMayHaveKeptForThem) {
  OpResult calls =
      op("a", 1, 300, 2);  // 150 bytes/s a call where 100 were measured: 100 bytes of 300 came from elsewhere
  calls.calls = 3;
  Result r = with({calls});
  r.devices[0].cache_bytes = 101;
  add_roofline(r);
  EXPECT_TRUE(r.warnings.empty()) << r.warnings[0];
  r.devices[0].cache_bytes = 99;
  add_roofline(r);
  EXPECT_EQ(r.warnings.size(), 1u) << "a cache of 99 bytes cannot have";
  r.devices[0].cache_bytes = 101;
  r.cases[0].stages[0].ops[0].calls = 1;
  add_roofline(r);
  EXPECT_EQ(r.warnings.size(), 1u) << "it was cold";
}

TEST(Roofline, BlamesNoCacheForArithmeticAboveItsPeak) {
  Result r = with({op("a", 3000, 1, 2)});  // 1500 FLOP/s where 1000 were measured
  r.devices[0].cache_bytes = 300;
  add_roofline(r);
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_NE(r.warnings[0].find("shows 1.50 kFLOP/s, its ceiling is 1.00 kFLOP/s measured: check the count"),
            std::string::npos)
      << r.warnings[0];
}

/// 10 bytes/s between host and device.
Result with_link(std::vector<OpResult> ops) {
  Result r = with(std::move(ops));
  r.devices[0].peaks.set_host_link({.datasheet = 16, .measured = 8, .source = ""},
                                   {.datasheet = 16, .measured = 10, .source = ""});
  return r;
}

TEST(Roofline, NamesThePathWhoseBytesTakeLongest) {
  OpResult upload = op("upload", 0, 50, 8);
  upload.bytes[Path::host_link] = 40;
  Result r = with_link({upload});  // 0.5 s in memory, 4 s over the link: at the faster of its two ways
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::host_link);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.measured, 0.5);
  EXPECT_DOUBLE_EQ(*first(r).of_peak.datasheet, 2.5 / 8);
  EXPECT_DOUBLE_EQ(*first(r).bytes_per_s, 50.0 / 8);  // of memory
  EXPECT_DOUBLE_EQ(*r.cases[0].stages[0].ceiling_s, 4);

  r.cases[0].stages[0].ops[0].bytes[Path::host_link] = 4;
  add_roofline(r);
  EXPECT_EQ(first(r).bound, Bound::memory);
}

TEST(Roofline, KnowsNoLeastTimeOverAPathWithoutACeiling) {
  OpResult upload = op("upload", 0, 50, 8);
  upload.bytes[Path::host_link] = 40;
  Result r = with({upload});
  add_roofline(r);
  EXPECT_FALSE(first(r).bound);
  EXPECT_FALSE(first(r).of_peak.measured);
  EXPECT_FALSE(r.cases[0].stages[0].ceiling_s);
}

TEST(Roofline, WarnsOfALinkThatIsFasterThanItsPeak) {
  OpResult upload = op("upload", 0, 50, 2);  // 20 bytes/s
  upload.bytes[Path::host_link] = 40;
  Result r = with_link({upload});
  r.devices[0].cache_bytes = 300;  // no excuse: the link has none
  add_roofline(r);
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_NE(r.warnings[0].find("shows 20.0 B/s, its ceiling is 10.0 B/s measured"), std::string::npos)
      << r.warnings[0];
}

TEST(Roofline, WithholdsSharesOfALinkThatMoved) {
  OpResult upload = op("upload", 0, 50, 8);
  upload.bytes[Path::host_link] = 40;
  Result r = with_link({upload});
  r.devices[0].peaks_after = r.devices[0].peaks;
  r.devices[0].peaks_after.set_host_link({.datasheet = {}, .measured = 8, .source = ""}, {});
  add_roofline(r);
  EXPECT_FALSE(first(r).of_peak.measured);
  EXPECT_EQ(first(r).bound, Bound::host_link);
  const auto ceilings = ceilings_of(r.cases[0], r.devices[0]);
  ASSERT_EQ(ceilings.size(), 3u);
  EXPECT_EQ(ceilings[1].peak, "host_link");
  EXPECT_NE(ceilings[1].why.find("moved by 25.0 %"), std::string::npos) << ceilings[1].why;
}

TEST(Roofline, MayBeAddedAgainWithoutRepeatingItself) {
  Result r = with({op("a", 1, 300, 2)});
  r.warnings = {"something else"};
  r.cases.push_back(r.cases[0]);
  add_roofline(r);
  add_roofline(r);
  ASSERT_EQ(r.warnings.size(), 2u);
  EXPECT_NE(r.warnings[1].find("the highest of 2 such figures"), std::string::npos) << r.warnings[1];
}

TEST(Roofline, SaysNothingOfAnOpWithoutATime) {
  Result r = with({op("a", 1000, 50, 2), op("b", 1, 1, 1)});
  r.cases[0].stages[0].ops[1].time_s.reset();
  add_roofline(r);
  EXPECT_FALSE(first(r).share);  // of an unknown whole
  EXPECT_FALSE(r.cases[0].stages[0].ops[1].bound);
}

}  // namespace
}  // namespace assay::roofline_tests
