// SPDX-License-Identifier: Apache-2.0
// Results of turns are constructed: nothing here is timed.
#include "measure/merged_turns.h"

#include <gtest/gtest.h>

namespace assay::merged_turns_tests {
namespace {

SeriesResult series_of(std::string unit, std::vector<std::vector<double>> blocks) {
  SeriesResult series;
  series.unit = std::move(unit);
  series.blocks = std::move(blocks);
  return series;
}

MetricResult metric(std::string unit, std::string of, double amount = 0, std::string peak_of = "") {
  MetricResult one;
  one.unit = std::move(unit);
  one.of = std::move(of);
  one.amount = amount;
  one.peak_of = std::move(peak_of);
  one.definition = "What it is.";
  return one;
}

/// A case of one stage, whose pass takes `seconds` in each of `blocks` blocks.
CaseResult case_of(double seconds, std::size_t blocks = 6) {
  CaseResult one;
  one.id = "llm/tiny";
  one.device = "cpu";
  StageResult& stage = one.stages.emplace_back();
  stage.name = "decode";
  stage.times = 1;
  one.series["stage/decode"] = series_of("s", std::vector(blocks, std::vector{seconds}));
  one.series["peak/memory"] = series_of("B/s", {{100}});
  one.metrics["t_s"] = metric("s", "stage/decode");
  one.metrics["tokens_per_s"] = metric("tokens/s", "stage/decode", 8);
  one.metrics["share"] = metric("1", "stage/decode", 50, "memory");
  one.verification.emplace();
  one.telemetry.emplace().others_share = seconds / 1000;
  one.telemetry->late_blocks = 1;
  return one;
}

Result result_of(CaseResult one) {
  Result result;
  result.name = "tiny";
  result.status = RunStatus::complete;
  result.config = {{"workload", "llm"}, {"measure", {{"sessions", 1}, {"max_seconds", 0.5}}}};
  result.devices.emplace_back().id = "cpu";
  result.cases.push_back(std::move(one));
  return result;
}

/// Not counted: its stage takes 9 s, and its operation was timed.
Result base() {
  CaseResult one = case_of(9);
  one.series["op/decode/qkv"] = series_of("s", {{1}, {1}});
  OpResult& op = one.stages[0].ops.emplace_back();
  op.name = "qkv";
  op.calls = 1;
  op.time_s = metric("s", "op/decode/qkv");
  op.time_s->value = 1;
  return result_of(std::move(one));
}

std::vector<TurnResult> turns_of(const std::vector<double>& seconds) {
  std::vector<TurnResult> turns;
  for (const double s : seconds)
    turns.push_back({.number = std::ssize(turns) * 2 + 1, .result = result_of(case_of(s)), .problem = ""});
  return turns;
}

StopRule rule_of(std::int64_t sessions) {
  StopRule rule;
  rule.sessions = sessions;
  return rule;
}

TEST(MergedTurns, AreTheSessionsOfOneResult) {
  const auto turns = turns_of({1, 2, 3, 4, 5, 6});
  const Result merged = merge_turns(base(), turns, rule_of(6), false);
  const CaseResult& one = merged.cases.at(0);
  const SeriesResult& decode = one.series.at("stage/decode");
  EXPECT_EQ(decode.sessions, std::vector<std::int64_t>(6, 6));
  ASSERT_EQ(decode.blocks.size(), 36u);
  EXPECT_EQ(decode.blocks[6], std::vector<double>{2}) << "in the order taken, without the one that chose";
  EXPECT_EQ(one.series.at("peak/memory").sessions, std::vector<std::int64_t>(6, 1));
  EXPECT_EQ(one.status, CaseStatus::ok) << one.reason.value_or("");
  EXPECT_EQ(merged.status, RunStatus::complete);
}

TEST(MergedTurns, MakeEachFigureAgainOfAllSessions) {
  const auto turns = turns_of({1, 2, 3, 4, 5, 6});
  const CaseResult one = merge_turns(base(), turns, rule_of(6), false).cases.at(0);
  const MetricResult& time = one.metrics.at("t_s");
  EXPECT_EQ(time.value, 3.5);
  EXPECT_EQ(time.ci95, (std::vector<double>{1, 6})) << "of six sessions the ends";
  EXPECT_EQ(time.definition, "What it is.");
  EXPECT_EQ(one.stages[0].time_s->value, 3.5);
  EXPECT_EQ(one.metrics.at("tokens_per_s").better, Better::higher);
  EXPECT_DOUBLE_EQ(one.metrics.at("tokens_per_s").value, 8 / 3.5);
  EXPECT_DOUBLE_EQ(one.metrics.at("share").value, 50 / 3.5 / 100);
  EXPECT_EQ(one.peaks.at("memory").value, 100);
  EXPECT_EQ(sessions_of(one, time), 6);
}

TEST(MergedTurns, KeepOperationsOfTheTurnThatChose) {
  auto turns = turns_of({2, 2});
  turns[0].result.cases[0].series["op/decode/qkv"] = series_of("s", {{7}});
  const CaseResult one = merge_turns(base(), turns, rule_of(2), false).cases.at(0);
  EXPECT_EQ(one.series.at("op/decode/qkv").blocks.size(), 2u);
  EXPECT_EQ(one.stages[0].ops.at(0).time_s->value, 1);
  EXPECT_DOUBLE_EQ(*one.stages[0].covered, 0.5) << "of the stage as the turns had it";
}

TEST(MergedTurns, AddUpWhatTheMachineDid) {
  auto turns = turns_of({10, 30});
  turns[0].result.cases[0].telemetry->temperature_max_c = 60;
  turns[1].result.cases[0].telemetry->temperature_max_c = 70;
  turns[1].result.cases[0].telemetry->slow_blocks = 2;
  turns[0].result.warnings = {"one"};
  turns[1].result.warnings = {"one", "two"};
  const Result merged = merge_turns(base(), turns, rule_of(2), false);
  const CaseResult& one = merged.cases.at(0);
  EXPECT_DOUBLE_EQ(*one.telemetry->others_share, 0.02);
  EXPECT_EQ(one.telemetry->late_blocks, 2);
  EXPECT_EQ(one.telemetry->temperature_max_c, 70);
  EXPECT_EQ(one.warnings.size(), 3u) << "slow blocks, late ones, and operations of a 20th of their stage";
  EXPECT_EQ(merged.warnings, (std::vector<std::string>{"one", "two"}));
}

TEST(MergedTurns, PeaksThatNoTurnProbedAreThoseOfTheTurnThatChose) {
  Result chosen = base();
  chosen.devices[0].peaks.launch_s = 1;
  auto turns = turns_of({1, 2});
  EXPECT_EQ(merge_turns(chosen, turns, rule_of(2), false).devices[0].peaks.launch_s, 1);
  turns[0].result.devices[0].peaks.launch_s = 2;
  turns[1].result.devices[0].peaks_after.launch_s = 3;
  const Result merged = merge_turns(chosen, turns, rule_of(2), false);
  EXPECT_EQ(merged.devices[0].peaks.launch_s, 2) << "before the first";
  EXPECT_EQ(merged.devices[0].peaks_after.launch_s, 3) << "after the last";
}

TEST(MergedTurns, ACaseThatFailedInATurnHasFailedAndSaysInWhich) {
  auto turns = turns_of({1, 2, 3});
  turns[1].result.cases[0].status = CaseStatus::failed;
  turns[1].result.cases[0].reason = "the device is gone";
  const CaseResult one = merge_turns(base(), turns, rule_of(3), false).cases.at(0);
  EXPECT_EQ(one.status, CaseStatus::failed);
  EXPECT_EQ(one.reason, "turn 3: the device is gone");
  EXPECT_TRUE(one.metrics.empty()) << "its sessions would not stand beside the other side's";
}

TEST(MergedTurns, ATurnThatCrashedTakesTheCasesItLacks) {
  auto turns = turns_of({1, 2});
  turns[1].result.cases.clear();
  turns[1].problem = "signal 11 ended it";
  const Result merged = merge_turns(base(), turns, rule_of(2), false);
  EXPECT_EQ(merged.status, RunStatus::partial);
  EXPECT_EQ(merged.cases.at(0).reason, "turn 3: signal 11 ended it");
}

TEST(MergedTurns, AnInterruptedLastTurnLeavesWhatTheOthersHave) {
  auto turns = turns_of({1, 2, 3});
  turns[2].result.cases.clear();
  turns[2].problem = "interrupted";
  const Result merged = merge_turns(base(), turns, rule_of(6), true);
  EXPECT_EQ(merged.status, RunStatus::partial);
  EXPECT_EQ(merged.cases.at(0).series.at("stage/decode").sessions.size(), 2u);
  EXPECT_EQ(merged.cases.at(0).status, CaseStatus::ok);
  EXPECT_EQ(merged.cases.at(0).reason, "interrupted");
}

TEST(MergedTurns, WhatCouldNotRunAtAllStaysSkippedWithItsReason) {
  Result skipped = base();
  skipped.cases[0].status = CaseStatus::skipped;
  skipped.cases[0].reason = "needs more memory";
  const Result merged = merge_turns(skipped, {}, rule_of(2), false);
  EXPECT_EQ(merged.cases.at(0).status, CaseStatus::skipped);
  EXPECT_EQ(merged.cases.at(0).reason, "needs more memory");
}

TEST(MergedTurns, TheConfigIsTheOneAskedForAndNotATurns) {
  const Result merged = merge_turns(base(), turns_of({1, 2}), rule_of(2), false);
  EXPECT_EQ(merged.config["measure"]["sessions"], 2);
  EXPECT_EQ(merged.config["measure"]["max_seconds"], StopRule().max_seconds);
  Result suite = base();
  suite.config = {{"name", "suite"}, {"runs", {{{"measure", {{"sessions", 1}}}}}}};
  EXPECT_EQ(merge_turns(suite, {}, rule_of(4), true).config["runs"][0]["measure"]["sessions"], 4);
}

}  // namespace
}  // namespace assay::merged_turns_tests
