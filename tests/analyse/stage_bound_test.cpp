// SPDX-License-Identifier: Apache-2.0
#include "analyse/stage_bound.h"

#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "support/example_result.h"

namespace assay::stage_bound_tests {
namespace {

/// 1000 FLOP/s and 100 bytes/s measured; twice and 1.25 times that by datasheet.
DeviceResult device() {
  DeviceResult d;
  d.id = "cpu";
  d.kind = "cpu";
  d.peaks.flops_per_s[DType::bf16] = {.datasheet = 2000, .measured = 1000, .source = ""};
  d.peaks.flops_per_s[DType::f32] = {.datasheet = 500, .measured = 250, .source = ""};
  d.peaks.bytes_per_s[Path::memory] = {.datasheet = 125, .measured = 100, .source = ""};
  return d;
}

StageResult stage(std::map<DType, double> flops, BytesByPath bytes) {
  StageResult s;
  s.name = "decode";
  s.compulsory = CompulsoryResult{.flops = std::move(flops), .bytes = std::move(bytes)};
  s.time_s.emplace();
  s.time_s->value = 10;
  return s;
}

/// The peak of the case, probed beside its blocks, that moved too far.
void move_peak(CaseResult& one, const std::string& peak, double value) {
  one.peaks[peak].value = value;
  one.peaks[peak].why = "moved by 30 %";
}

TEST(StageBound, IsTheLongestOfFlopsAndBytes) {
  const StageBound by_bytes = bound_of(stage({{DType::bf16, 1000}}, {{Path::memory, 200}}), {}, device());
  EXPECT_DOUBLE_EQ(*by_bytes.measured_s, 2);
  EXPECT_DOUBLE_EQ(*by_bytes.sold_s, 1.6);
  EXPECT_DOUBLE_EQ(*bound_of(stage({{DType::bf16, 3000}}, {{Path::memory, 200}}), {}, device()).measured_s,
                   3);
}

TEST(StageBound, LetsTheUnitsOfTwoNumberFormatsWorkAtOnce) {
  EXPECT_DOUBLE_EQ(*bound_of(stage({{DType::bf16, 3000}, {DType::f32, 500}}, {}), {}, device()).measured_s,
                   3);
}

TEST(StageBound, IsUnknownWhereItMeetsAnUnknownPeak) {
  const StageBound bound = bound_of(stage({{DType::bf16, 1}}, {{Path::host_link, 1}}), {}, device());
  EXPECT_FALSE(bound.measured_s || bound.sold_s);
}

TEST(StageBound, IsSilentOfAStageOfTheHost) {
  StageResult decoding = stage({}, {{Path::memory, 200}});
  decoding.place = Place::host;
  EXPECT_FALSE(bound_of(decoding, {}, device()).measured_s);
}

TEST(StageBound, IsWithheldWhereThePeakThatBindsMoved) {
  CaseResult one;
  move_peak(one, "memory", 100);
  const StageBound bound = bound_of(stage({{DType::bf16, 1000}}, {{Path::memory, 200}}), one, device());
  EXPECT_FALSE(bound.measured_s);
  EXPECT_TRUE(bound.sold_s);
}

TEST(StageBound, StandsWhereAPeakAtRestSupportsNineTenthsOfIt) {
  CaseResult one;
  move_peak(one, "memory", 100);
  EXPECT_DOUBLE_EQ(*bound_of(stage({{DType::bf16, 1900}}, {{Path::memory, 200}}), one, device()).measured_s,
                   2);
  EXPECT_DOUBLE_EQ(*bound_of(stage({{DType::bf16, 3000}}, {{Path::memory, 200}}), one, device()).measured_s,
                   3);
}

TEST(StageBound, OfAnOlderResultIsUnknownAndSoIsWhatItsMetricsReach) {
  CaseResult one;
  one.stages = {stage({}, {})};
  one.stages[0].compulsory.reset();
  MetricResult time;
  time.of = "stage/decode";
  time.ceiling = 5;  // at the op-by-op estimate, as it was written then
  EXPECT_FALSE(bound_of(one.stages[0], one, device()).measured_s);
  EXPECT_FALSE(at_bound(time, one));
  one.stages[0].bound_s = 5;
  EXPECT_EQ(at_bound(time, one), 5);
}

TEST(StageBound, LiesNowhereAboveTheOpByOpEstimate) {
  const Result r = example_result();
  int compared = 0;
  for (const CaseResult& one : r.cases)
    for (const StageResult& s : one.stages) {
      if (!s.bound_s || !s.ceiling_s) continue;
      ++compared;
      EXPECT_LE(*s.bound_s, *s.ceiling_s) << one.id << " " << s.name;
    }
  EXPECT_GT(compared, 4);
}

}  // namespace
}  // namespace assay::stage_bound_tests
