// SPDX-License-Identifier: Apache-2.0
// Parts of a model, lookups, energy of an item, and figures that hold under conditions.
#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "analyse/summary.h"

namespace assay::summary_parts_tests {
namespace {

MetricResult seconds(double value) {
  MetricResult m;
  m.unit = "s";
  m.value = value;
  m.ci95 = {value, value};
  return m;
}

OpResult op(const std::string& part, double time_s, double flops, double bytes) {
  OpResult o{.name = part + std::to_string(time_s), .kind = "matmul"};
  o.part = part;
  o.dtype = "f32";
  o.calls = 1;
  o.flops = flops;
  o.bytes = {{Path::memory, bytes}};
  o.time_s = seconds(time_s);
  return o;
}

/// 1000 FLOP/s, 100 bytes/s, 25 bytes/s in rows of 64 bytes. A batch of 4 pairs in 10 s: embedding 2 s (a
/// read of 50 bytes), dense 5 s and 3 s at half and all of the peak.
Result recommender() {
  Result r;
  DeviceResult d;
  d.id = "cpu";
  d.kind = "cpu";
  d.cache_bytes = 3 << 20;
  d.peaks.flops_per_s[DType::f32] = {.datasheet = {}, .measured = 1000, .source = ""};
  d.peaks.bytes_per_s[Path::memory] = {.datasheet = {}, .measured = 100, .source = ""};
  d.peaks.random_read_bytes_per_s[64] = {.datasheet = {}, .measured = 25, .source = ""};
  r.devices.push_back(d);
  StageResult stage;
  stage.name = "rank";
  stage.items = 4;
  stage.item = "pair";
  stage.time_s = seconds(10);
  stage.ops = {op("embedding", 2, 0, 64), op("dense", 5, 2500, 1), op("dense", 3, 3000, 1)};
  stage.ops[0].random_reads = {.rows = 2,
                               .distinct_rows = 1,
                               .row_bytes = 64,
                               .path = Path::memory,
                               .cacheable = {{2 << 20, 0.25}, {4 << 20, 0.5}}};
  CaseResult c;
  c.id = "recommender/dlrm/skew=1.05";
  c.model = "dlrm";
  c.device = "cpu";
  c.stages.push_back(stage);
  c.metrics["batch_latency_s"] = seconds(10);
  c.facts = {{"skew", 1.05, "1", ""}};
  c.conditions = {"skew"};
  r.cases.push_back(c);
  add_roofline(r);
  return r;
}

Summary of(const Result& r) {
  return summarise(std::span(&r, 1));
}

TEST(StageRates, AreOfTheFlopsThatWereDone) {
  Result r = recommender();
  StageResult& stage = r.cases[0].stages[0];
  stage.flops = 8000;
  EXPECT_EQ(of(r).cases[0].stages[0].flops_per_s, 800);  // a result that is older than the field
  stage.compulsory = CompulsoryResult{.flops = {{DType::f32, 5000}, {DType::bf16, 500}}, .bytes = {}};
  EXPECT_EQ(of(r).cases[0].stages[0].flops_per_s, 550);
}

TEST(Parts, TakeTheTimesOfTheirOpsTogether) {
  const StageSummary stage = of(recommender()).cases[0].stages[0];
  ASSERT_EQ(stage.parts.size(), 2u);
  EXPECT_EQ(stage.parts[0].name, "embedding");
  EXPECT_EQ(stage.parts[0].share, 0.2);
  EXPECT_EQ(stage.parts[0].bound, Bound::memory);
  const PartSummary& dense = stage.parts[1];
  EXPECT_EQ(dense.time_s, 8);
  EXPECT_NEAR(dense.share, 0.8, 1e-12);
  EXPECT_EQ(dense.bound, Bound::compute);
  EXPECT_EQ(dense.of_bound, 1);
  EXPECT_NEAR(*dense.of_peak, 5.5 / 8, 1e-12);
}

TEST(Parts, SayNoShareOfAPeakWhereOneOfTheirOpsHasNone) {
  Result r = recommender();
  r.devices[0].peaks.flops_per_s.clear();
  add_roofline(r);
  const StageSummary stage = of(r).cases[0].stages[0];
  EXPECT_FALSE(stage.parts[1].of_peak);
  EXPECT_EQ(stage.parts[1].time_s, 8);
}

TEST(Parts, AreNoneOfAModelThatHasNone) {
  Result r = recommender();
  for (OpResult& o : r.cases[0].stages[0].ops) o.part.clear();
  EXPECT_TRUE(of(r).cases[0].stages[0].parts.empty());
}

// 2 rows of 64 bytes in 2 s are 64 bytes/s, and memory gives 25 of them.
TEST(Lookups, TellWhatCachesMustHaveServedAndWhatTheyCould) {
  const StageSummary stage = of(recommender()).cases[0].stages[0];
  ASSERT_EQ(stage.lookups.size(), 1u);
  const LookupSummary& lookup = stage.lookups[0];
  EXPECT_EQ(lookup.op, 0u);
  EXPECT_NEAR(*lookup.from_cache, 1 - 25.0 / 64, 1e-12);
  EXPECT_EQ(lookup.cacheable, 0.5) << "of the next size that is not below the cache's";
  EXPECT_EQ(lookup.cache_bytes, 4 << 20);
}

TEST(Lookups, SayNothingOfACacheLargerThanWhatWasAsked) {
  Result r = recommender();
  r.devices[0].cache_bytes = 8 << 20;
  EXPECT_FALSE(of(r).cases[0].stages[0].lookups[0].cacheable);
}

TEST(Energy, OfAnItemIsPowerTimesTimeOverItems) {
  Result r = recommender();
  EXPECT_FALSE(of(r).cases[0].stages[0].item_energy_j) << "no power is known";
  r.cases[0].telemetry.emplace();
  r.cases[0].telemetry->power_w = 100;
  EXPECT_EQ(of(r).cases[0].stages[0].item_energy_j, 100 * 10 / 4.0);
}

TEST(Energy, OfItemsInFlightIsThatOfTheWindows) {
  Result r = recommender();
  r.cases[0].telemetry.emplace();
  r.cases[0].telemetry->power_w = 100;
  r.cases[0].in_flight = 2;
  EXPECT_FALSE(of(r).cases[0].stages[0].item_energy_j) << "a lane's time is not the device's";
  r.cases[0].series["window"].blocks = {{6}, {6}};
  EXPECT_EQ(of(r).cases[0].stages[0].item_energy_j, 100 * 3 / 4.0);
}

TEST(Conditions, PartTheFiguresOfOneModel) {
  Result r = recommender();
  r.cases.push_back(r.cases[0]);
  r.cases[1].id = "recommender/dlrm/skew=0";
  r.cases[1].facts[0].value = 0;
  r.cases[1].metrics["batch_latency_s"] = seconds(20);
  const Summary s = of(r);
  ASSERT_EQ(s.models.size(), 2u) << "the easier traffic is no better figure";
  EXPECT_EQ(s.models[0].label, "dlrm, skew 1.05");
  EXPECT_EQ(s.models[1].label, "dlrm, skew 0");
  EXPECT_EQ(s.models[1].first_case, 1u);
  EXPECT_EQ(s.models[1].best[0].of_cases, 1);
}

}  // namespace
}  // namespace assay::summary_parts_tests
