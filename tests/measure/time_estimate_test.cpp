// SPDX-License-Identifier: Apache-2.0
#include "measure/time_estimate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/test_plan.h"

namespace assay::time_estimate_tests {
namespace {

TEST(TimeEstimate, CountsSixPassesAtLeastAndMaxSecondsAtMost) {
  Peaks peaks;
  peaks.bytes_per_s[Path::memory].measured = 1e9;
  peaks.flops_per_s[DType::f32].measured = 1e9;
  const Plan plan = test_plan();
  const TimeEstimate brief = estimate_time(plan, peaks, {.max_seconds = 1}, true);
  const TimeEstimate longer = estimate_time(plan, peaks, {.max_seconds = 10}, true);
  EXPECT_EQ(brief.least_s, longer.least_s);
  EXPECT_NEAR(longer.most_s - brief.most_s, 9 * 1.1 * (1 + 2 * 0.5), 1e-9)
      << "a pass, and half of it for each stage";
  EXPECT_LT(brief.least_s, brief.most_s);
  const TimeEstimate verified = estimate_time(plan, peaks, {.max_seconds = 10}, false);
  EXPECT_EQ(verified.least_s, verified.most_s);
}

TEST(TimeEstimate, SlowPassesTakeLongerThanMaxSeconds) {
  Peaks slow;
  slow.bytes_per_s[Path::memory].measured = 100;  // a pass moves some thousand bytes
  const TimeEstimate estimate = estimate_time(test_plan(), slow, {.max_seconds = 1}, true);
  EXPECT_GT(estimate.least_s, 100);
  EXPECT_GE(estimate.most_s, estimate.least_s);
}

TEST(ShareBudget, GivesEveryCaseItsLeastAndSharesTheRest) {
  const std::vector<TimeEstimate> cases = {{10, 30}, {10, 20}};
  const std::vector<double> seconds =
      share_budget(cases, 35);  // 15 above the least, of 30 that could be used
  EXPECT_DOUBLE_EQ(seconds[0], 10 + 10);
  EXPECT_DOUBLE_EQ(seconds[1], 10 + 5);
  EXPECT_DOUBLE_EQ(share_budget(cases, 1000)[0], 30);
}

TEST(ShareBudget, LeavesOutTheLastCasesWhereTheLeastIsTooMuch) {
  const std::vector<TimeEstimate> cases = {{10, 30}, {10, 20}, {10, 10}};
  const std::vector<double> seconds = share_budget(cases, 22);
  EXPECT_GE(seconds[0], 10);
  EXPECT_GE(seconds[1], 10);
  EXPECT_EQ(seconds[2], 0);
  EXPECT_EQ(share_budget(cases, 5), std::vector<double>(3, 0.0));
}

TEST(FitRule, CutsMaxSecondsAndNeverRaisesIt) {
  const StopRule rule{.min_seconds = 0.5, .max_seconds = 10};
  EXPECT_DOUBLE_EQ(fit_rule(rule, {10, 30}, 20).max_seconds, 5);
  EXPECT_DOUBLE_EQ(fit_rule(rule, {10, 30}, 40).max_seconds, 10);
  const StopRule least = fit_rule(rule, {10, 30}, 10);
  EXPECT_LE(least.max_seconds, 1e-3);
  EXPECT_LE(least.min_seconds, least.max_seconds);
}

}  // namespace
}  // namespace assay::time_estimate_tests
