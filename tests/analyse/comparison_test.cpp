// SPDX-License-Identifier: Apache-2.0
#include "analyse/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::comparison_tests {
namespace {

/// A case of one stage that takes `time_s`, known within 1 % to each side, from so many sessions of six
/// blocks.
CaseResult timed(double time_s, std::int64_t sessions = 1) {
  CaseResult one;
  one.id = "llm/x/bf16/batch=1";
  one.device = "cpu";
  one.weights = "seed";
  one.axes = {{"batch", 1}};
  StageResult stage;
  stage.name = "decode";
  stage.times = 4;
  stage.flops = 100;
  stage.bytes = {{Path::memory, 50}};
  one.stages.push_back(stage);
  SeriesResult series;
  series.unit = "s";
  for (std::int64_t s = 0; s < sessions; ++s)
    for (int b = 0; b < 6; ++b) series.blocks.push_back({time_s});
  if (sessions > 1) series.sessions.assign(static_cast<std::size_t>(sessions), 6);
  one.series["stage/decode"] = series;
  MetricResult time;
  time.unit = "s";
  time.value = time_s;
  time.ci95 = {0.99 * time_s, 1.01 * time_s};
  time.of = "stage/decode";
  MetricResult rate = time;
  rate.unit = "tokens/s";
  rate.better = Better::higher;
  rate.amount = 1;
  rate.value = 1 / time_s;
  rate.ci95 = {1 / (1.01 * time_s), 1 / (0.99 * time_s)};
  one.metrics = {{"latency_s", time}, {"tokens_per_s", rate}};
  return one;
}

const MetricComparison& latency(const Comparison& c) {
  return c.metrics.at(0);
}
Verdict verdict(const CaseResult& base, const CaseResult& other) {
  return latency(compare(base, other)).verdict;
}

TEST(Comparison, TurnsRatiosSoThatAboveOneIsBetter) {
  const Comparison c = compare(timed(2, 6), timed(1, 6));
  ASSERT_EQ(c.metrics.size(), 2u);
  for (const MetricComparison& m : c.metrics) {
    EXPECT_NEAR(*m.ratio, 2, 1e-12) << m.metric;
    EXPECT_EQ(m.basis, Basis::sessions) << m.metric;
    EXPECT_NEAR(*m.low, 2, 1e-12) << m.metric;  // their sessions are alike
    EXPECT_NEAR(*m.high, 2, 1e-12) << m.metric;
    EXPECT_EQ(m.verdict, Verdict::faster) << m.metric;
  }
  const Comparison few = compare(timed(2, 2), timed(1, 2));
  for (const MetricComparison& m : few.metrics) {
    EXPECT_EQ(m.basis, Basis::intervals) << m.metric;
    EXPECT_NEAR(*m.low, 2 * 0.99 / 1.01, 1e-12) << m.metric;
    EXPECT_NEAR(*m.high, 2 * 1.01 / 0.99, 1e-12) << m.metric;
  }
  EXPECT_EQ(verdict(timed(1, 6), timed(2, 6)), Verdict::slower);
}

// The same command, run twice, minutes apart, gave 1.13x [1.10, 1.16] from one session each.
TEST(Comparison, CallsTwoRunsOfOneSessionNeitherBetterNorWorse) {
  const Comparison c = compare(timed(1.13), timed(1));
  EXPECT_GT(*latency(c).low, 1);
  EXPECT_EQ(latency(c).verdict, Verdict::cannot_tell);
  EXPECT_NE(latency(c).why.find("/measure/sessions of 6 or more"), std::string::npos) << latency(c).why;
  EXPECT_EQ(verdict(timed(1), timed(1.13)), Verdict::cannot_tell);
  EXPECT_EQ(verdict(timed(1), timed(1)), Verdict::cannot_tell);  // nor equal
}

TEST(Comparison, TakesTheWordOfSeveralSessionsOnBothSidesAlone) {
  EXPECT_EQ(verdict(timed(1.13, 2), timed(1, 2)), Verdict::faster);
  EXPECT_EQ(verdict(timed(1.13, 2), timed(1, 1)), Verdict::cannot_tell);
  EXPECT_EQ(verdict(timed(1.13, 1), timed(1, 2)), Verdict::cannot_tell);
  EXPECT_EQ(verdict(timed(1, 2), timed(1, 2)), Verdict::cannot_tell);  // 1.01 / 0.99 is not within 2 %
  EXPECT_EQ(verdict(timed(1, 6), timed(1, 6)), Verdict::same);
}

/// Sessions whose times are `time_s` and a little more each, by turns.
CaseResult scattered(double time_s, std::int64_t sessions, double step) {
  CaseResult one = timed(time_s, sessions);
  auto& blocks = one.series["stage/decode"].blocks;
  for (std::size_t b = 0; b < blocks.size(); ++b)
    blocks[b] = {time_s * (1 + step * static_cast<double>(b / 6))};
  return one;
}

TEST(Comparison, CallsFiguresTheSameWhereThatIsShownAndNotWhereNothingIsSeen) {
  EXPECT_EQ(verdict(scattered(1, 8, 0.001), scattered(1.001, 8, 0.001)), Verdict::same);
  const Comparison wide = compare(scattered(1, 8, 0.02), scattered(1, 8, 0.02));
  EXPECT_EQ(latency(wide).verdict, Verdict::cannot_tell);
  EXPECT_NE(latency(wide).why.find("both a difference that matters and none"), std::string::npos);
}

TEST(Comparison, AllowsForHowManyFiguresAreCompared) {
  // Six against six sessions that lie wholly apart: p = 2 / 924.
  ShiftTest test;
  std::vector<Comparison> many;
  for (int i = 0; i < 24; ++i)
    many.push_back(compare_unsettled(scattered(1, 6, 0.001), scattered(1.1, 6, 0.001), test));
  std::vector<Comparison*> all;
  for (Comparison& one : many) all.push_back(&one);
  settle(std::span(all).first(23));
  EXPECT_EQ(latency(many[0]).verdict, Verdict::slower);
  EXPECT_NEAR(*latency(many[0]).p, 2.0 / 924, 1e-12);
  EXPECT_NEAR(*latency(many[0]).p_adjusted, 23 * 2.0 / 924, 1e-12);  // a time and its rate are one question
  for (Comparison& one : many)
    for (MetricComparison& m : one.metrics) m.verdict = Verdict::cannot_tell;
  settle(all);
  EXPECT_EQ(latency(many[0]).verdict, Verdict::cannot_tell);  // 24 x 2 / 924 = 5.2 %
  EXPECT_NE(latency(many[0]).why.find("so few sessions"), std::string::npos) << latency(many[0]).why;
}

TEST(Comparison, PairsSessionsThatWereTakenInTurn) {
  // A machine that slows down all the while hides 3 % from two runs, and not from turns.
  CaseResult a = timed(1, 8), b = timed(1, 8);
  Turns turns;
  const char order[] = "abbabaababbabaab";
  std::size_t of_a = 0, of_b = 0;
  for (std::size_t turn = 0; turn < 16; ++turn) {
    const bool is_a = order[turn] == 'a';
    const double time = (1 + 0.05 * static_cast<double>(turn / 4)) * (is_a ? 1 : 1.03);
    auto& blocks = (is_a ? a : b).series["stage/decode"].blocks;
    std::size_t& session = is_a ? of_a : of_b;
    for (std::size_t k = 0; k < 6; ++k) blocks[6 * session + k] = {time};
    ++session;
    (is_a ? turns.base : turns.other).push_back(turn / 4);
  }
  EXPECT_EQ(verdict(a, b), Verdict::cannot_tell);
  ShiftTest test;
  Comparison c = compare_unsettled(a, b, test, turns);
  Comparison* const all[] = {&c};
  settle(all);
  EXPECT_EQ(latency(c).basis, Basis::turns);
  EXPECT_NEAR(*latency(c).ratio, 1 / 1.03, 1e-12);
  EXPECT_EQ(latency(c).verdict, Verdict::slower);
}

TEST(Comparison, StillTellsWhatLiesBeyondWhatSessionsDifferBy) {
  EXPECT_EQ(verdict(timed(10), timed(1)), Verdict::faster);
  EXPECT_EQ(verdict(timed(1), timed(10)), Verdict::slower);
  EXPECT_EQ(verdict(timed(1.7), timed(1)), Verdict::faster);        // 1.67 at least
  EXPECT_EQ(verdict(timed(1.61), timed(1)), Verdict::cannot_tell);  // 1.58 at least
}

TEST(Comparison, AsksMoreOfADisturbedSide) {
  CaseResult disturbed = timed(2, 6);
  disturbed.warnings = {"others took half of the CPUs: run again"};
  EXPECT_EQ(verdict(disturbed, timed(1, 6)), Verdict::cannot_tell);
  EXPECT_EQ(verdict(timed(1, 6), disturbed), Verdict::cannot_tell);
  EXPECT_NE(latency(compare(disturbed, timed(1, 6))).why.find("disturbed"), std::string::npos);
  disturbed = timed(10);
  disturbed.warnings = {"others took half of the CPUs: run again"};
  EXPECT_EQ(verdict(disturbed, timed(1)), Verdict::faster);
}

TEST(Comparison, DoesNotTrustAnIntervalThatIsNotToBeTrusted) {
  CaseResult drifting = timed(1.13, 6);
  drifting.metrics["latency_s"].why = "neighbours hang together";
  EXPECT_EQ(verdict(drifting, timed(1, 6)), Verdict::cannot_tell);
}

TEST(Comparison, SaysWhyAFigureCannotBeCompared) {
  CaseResult bare = timed(10);
  bare.metrics["latency_s"].ci95.clear();
  EXPECT_EQ(latency(compare(bare, timed(1))).why, "a side has no interval: run it longer");
  EXPECT_TRUE(latency(compare(bare, timed(1))).ratio);

  CaseResult without = timed(10);
  without.metrics.erase("latency_s");
  EXPECT_EQ(latency(compare(timed(1), without)).why, "the other has no such figure");
  EXPECT_FALSE(latency(compare(timed(1), without)).ratio);

  CaseResult withheld = timed(10);
  withheld.metrics["latency_s"].value = kUnknownValue;
  EXPECT_EQ(latency(compare(timed(1), withheld)).why, "one of the two is not known");

  CaseResult tail = timed(10);
  tail.metrics["latency_s"].statistic = Stat::p99;
  EXPECT_EQ(latency(compare(timed(1), tail)).why, "it is defined differently in the two");
}

TEST(Comparison, LeavesOutSharesOfADevicesOwnPeak) {
  CaseResult a = timed(1);
  a.metrics["tokens_per_s"].peak_of = "memory";
  EXPECT_EQ(compare(a, timed(1)).metrics.size(), 1u);
}

TEST(Comparison, RefusesDifferentWorkAndSaysWhy) {
  CaseResult other = timed(1);
  other.stages[0].flops = 200;
  EXPECT_EQ(compare(timed(1), other).different, "stage decode is 100 FLOP in one and 200 FLOP in the other");
  EXPECT_TRUE(compare(timed(1), other).metrics.empty());
  other = timed(1);
  other.stages[0].bytes[Path::memory] = 100;
  EXPECT_EQ(compare(timed(1), other).different, "stage decode moves 50.0 B in one and 100 B in the other");
  other = timed(1);
  other.axes = {{"batch", 2}};
  EXPECT_EQ(compare(timed(1), other).different, "their axes differ");
}

/// With outputs of these values, which may be 10 % of their root mean square apart.
CaseResult giving(std::vector<double> values) {
  CaseResult one = timed(1);
  one.verification.emplace();
  one.verification->outputs["logits"] = {.values = std::move(values), .tolerance = 0.1};
  return one;
}

TEST(Comparison, ComparesOutputsByTheRootMeanSquareOfTheirDifference) {
  const auto same = compare(giving({3, 4}), giving({3.4, 4.3})).outputs.at(0);  // 0.5 of 5
  EXPECT_EQ(same.output, "logits");
  EXPECT_NEAR(*same.difference, 0.1, 1e-12);
  EXPECT_EQ(compare(giving({3, 4}), giving({3.3, 4.3})).outputs.at(0).verdict, Agreement::agree);
  EXPECT_EQ(compare(giving({3, 4}), giving({3.5, 4.3})).outputs.at(0).verdict, Agreement::disagree);
  EXPECT_EQ(compare(giving({0, 0}), giving({1, 0})).outputs.at(0).verdict, Agreement::disagree);
  EXPECT_EQ(compare(giving({3, 4}), giving({3, std::nan("")})).outputs.at(0).verdict, Agreement::disagree);
}

TEST(Comparison, AllowsOutputsTheLargerToleranceOfTheTwo) {
  CaseResult coarse = giving({3.5, 4.3});
  coarse.verification->outputs["logits"].tolerance = 0.2;
  EXPECT_EQ(compare(giving({3, 4}), coarse).outputs.at(0).verdict, Agreement::agree);
}

TEST(Comparison, CannotTellOutputsOfDifferentSeedsWeightsOrPlacesApart) {
  CaseResult other = giving({3, 4});
  other.seed = 2;
  EXPECT_EQ(compare(giving({3, 4}), other).outputs.at(0).verdict, Agreement::cannot_tell);
  EXPECT_EQ(compare(giving({3, 4}), other).outputs.at(0).why, "their seeds differ: 0 and 2");
  other = giving({3, 4});
  other.weights = "llama";
  EXPECT_EQ(compare(giving({3, 4}), other).outputs.at(0).why, "their weights differ: seed and llama");
  EXPECT_EQ(compare(giving({3, 4}), giving({3, 4, 5})).outputs.at(0).verdict, Agreement::cannot_tell);
  EXPECT_EQ(compare(giving({0, 0}), giving({0, 0})).outputs.at(0).verdict, Agreement::cannot_tell);
}

TEST(Comparison, ComparesOutputsOfCasesThatAreNoMeasurementAndNotTheirTimes) {
  CaseResult other = giving({9, 9});
  other.status = CaseStatus::not_a_measurement;
  other.reason = "3 blocks";
  const Comparison c = compare(giving({3, 4}), other);
  EXPECT_EQ(c.not_measured, "on cpu it has no figures (3 blocks)");
  EXPECT_TRUE(c.metrics.empty());
  EXPECT_EQ(c.outputs.at(0).verdict, Agreement::disagree);
}

}  // namespace
}  // namespace assay::comparison_tests
