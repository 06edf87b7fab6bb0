// SPDX-License-Identifier: Apache-2.0
#include "measure/case_warnings.h"

#include <gtest/gtest.h>

namespace assay::case_warnings_tests {
namespace {

MetricResult seconds(double value, std::int64_t blocks = 10) {
  MetricResult metric;
  metric.unit = "s";
  metric.value = value;
  metric.blocks = blocks;
  return metric;
}

/// A stage of 1 s whose one op takes `op_s` and is called twice.
CaseResult case_of(double op_s) {
  CaseResult one;
  StageResult& stage = one.stages.emplace_back();
  stage.name = "decode";
  stage.time_s = seconds(1);
  OpResult& op = stage.ops.emplace_back();
  op.calls = 2;
  op.time_s = seconds(op_s);
  one.telemetry.emplace();
  return one;
}

std::vector<std::string> warnings_of(CaseResult one, std::int64_t slow_blocks = 0) {
  add_case_warnings(one, slow_blocks);
  return one.warnings;
}

TEST(CaseWarnings, AQuietCaseHasNone) {
  CaseResult one = case_of(0.45);
  one.telemetry->others_share = 0.01;
  EXPECT_TRUE(warnings_of(one).empty());
  add_case_warnings(one, 0);
  EXPECT_DOUBLE_EQ(*one.stages[0].covered, 0.9);
}

TEST(CaseWarnings, OthersOnTheCpusAreNamedWithTheirShare) {
  CaseResult one = case_of(0.45);
  one.telemetry->others_share = 0.5;
  const auto warnings = warnings_of(one);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].find("others took 50.0 % of the CPUs' time"), 0u) << warnings[0];
  EXPECT_NE(warnings[0].find("run again"), std::string::npos);
}

TEST(CaseWarnings, OpsThatDoNotAddUpToTheirStageAreAWarningBothWays) {
  EXPECT_TRUE(warnings_of(case_of(0.26)).empty());
  EXPECT_EQ(warnings_of(case_of(0.24)).size(), 1u) << "0.48 of the stage";
  EXPECT_TRUE(warnings_of(case_of(0.74)).empty());
  EXPECT_EQ(warnings_of(case_of(0.76)).size(), 1u) << "1.52 of the stage";
  // A time to first token of 3.1 s whose operations add up to 0.13 s.
  const auto warnings = warnings_of(case_of(0.02));
  EXPECT_EQ(warnings.at(0).find("the operations of decode add up to 4.0 % of its time"), 0u) << warnings[0];
}

TEST(CaseWarnings, AnOpWithoutATimeLeavesTheSumUnknown) {
  CaseResult one = case_of(0.01);
  one.stages[0].ops[0].time_s.reset();
  EXPECT_TRUE(warnings_of(one).empty());
}

TEST(CaseWarnings, ThrottledBlocksThatHadToBeKeptAreAWarning) {
  CaseResult one = case_of(0.45);
  one.telemetry->throttled_blocks = 5;
  EXPECT_TRUE(warnings_of(one).empty()) << "they were taken again";
  EXPECT_NE(warnings_of(one, 3).at(0).find("in 3 of 10 blocks, after 5 were taken again"), std::string::npos);
}

TEST(CaseWarnings, BlocksBesideABusyNeighbourThatHadToBeKeptAreAWarning) {
  CaseResult one = case_of(0.45);
  one.telemetry->disturbed_blocks = 7;
  one.telemetry->unquiet_blocks = 0;
  EXPECT_TRUE(warnings_of(one).empty()) << "they were taken again";
  one.telemetry->unquiet_blocks = 2;
  EXPECT_NE(
      warnings_of(one).at(0).find("slowed it beside 2 of 10 blocks, after 7 were taken again: wait longer"),
      std::string::npos);
}

TEST(CaseWarnings, LateBlocksAreAWarningWhereTheyAreMany) {
  CaseResult one = case_of(0.45);
  one.telemetry->late_blocks = 1;
  EXPECT_TRUE(warnings_of(one).empty());
  one.telemetry->late_blocks = 2;
  EXPECT_EQ(warnings_of(one).size(), 1u);
}

TEST(CaseWarnings, APeakThatMovedSaysThatSharesAreWithheld) {
  CaseResult one = case_of(0.45);
  one.peaks["memory"].why = "moved by 101 % (25 GB/s to 51 GB/s)";
  EXPECT_EQ(warnings_of(one).at(0).find("the peak of memory bandwidth moved by 101 %"), 0u);
}

}  // namespace
}  // namespace assay::case_warnings_tests
