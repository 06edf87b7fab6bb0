// SPDX-License-Identifier: Apache-2.0
#include "acceptance/limit_verdicts.h"

#include <gtest/gtest.h>

#include "support/swept_result.h"

namespace assay::limit_verdicts_tests {
namespace {

AcceptanceLimit latency(double at_most, std::optional<CapacityWanted> capacity = {}) {
  return {.name = "fast enough",
          .choice = {},
          .metric = "inter_token_latency_s",
          .statistic = {},
          .at_most = at_most,
          .at_least = {},
          .capacity = std::move(capacity)};
}

struct Judged {
  explicit Judged(std::vector<AcceptanceLimit> limits, const Result& result = two_formats())
      : results{result},
        summary(summarise(results)),
        systems(systems_of(summary, {"dtype"})),
        sweeps(sweeps_of(summary, systems, limits)),
        capacities(capacities_of(summary, sweeps, limits)),
        verdicts(limit_verdicts(summary, systems, sweeps, capacities, limits)) {}
  std::vector<Result> results;
  Summary summary;
  std::vector<System> systems;
  std::vector<Sweep> sweeps;
  std::vector<Capacity> capacities;
  std::vector<LimitVerdict> verdicts;
};

TEST(LimitVerdicts, WithoutACapacityTheWorstCaseDecides) {
  const Judged judged({latency(0.030)});
  ASSERT_EQ(judged.verdicts.size(), 2u);
  EXPECT_EQ(judged.verdicts[0].verdict, Outcome::fail) << "f32 takes 80 ms at batch 16";
  EXPECT_EQ(judged.verdicts[0].met, 2);
  EXPECT_EQ(judged.verdicts[0].cases, 3);
  EXPECT_EQ(judged.summary.cases[judged.verdicts[0].figure->case_index].id, "llm/test-model/f32/batch=16");
}

TEST(LimitVerdicts, ACapacityIsTheLargestOfTheSweepThatMeetsTheLimit) {
  const Judged judged({latency(0.030)});
  ASSERT_EQ(judged.sweeps.size(), 2u);
  EXPECT_EQ(judged.sweeps[0].of, "batch");
  ASSERT_EQ(judged.capacities.size(), 2u);
  EXPECT_EQ(judged.capacities[0].value, 4);
  EXPECT_EQ(judged.capacities[0].next, 16);
  EXPECT_FALSE(judged.capacities[0].sweep_ends);
  const Judged wide({latency(0.100)});
  EXPECT_EQ(wide.capacities[1].value, 16);
  EXPECT_TRUE(wide.capacities[1].sweep_ends) << "what lies beyond was not measured";
}

TEST(LimitVerdicts, AWantedCapacityIsMetMissedOrNotMeasured) {
  const auto verdict = [](double at_most, double batch) {
    return Judged({latency(at_most, CapacityWanted{"batch", batch})}).verdicts[1];  // bf16: 5, 10, 40 ms
  };
  EXPECT_EQ(verdict(0.030, 4).verdict, Outcome::pass);
  EXPECT_EQ(verdict(0.030, 4).holds_to, 4);
  EXPECT_EQ(verdict(0.030, 16).verdict, Outcome::fail);
  EXPECT_EQ(verdict(0.030, 8).verdict, Outcome::cannot_tell) << "it holds at 4, not at 16";
  EXPECT_NE(verdict(0.030, 8).why.find("batch 8 was not measured"), std::string::npos);
  EXPECT_EQ(verdict(0.100, 64).verdict, Outcome::cannot_tell) << "the sweep ends at 16";
  EXPECT_EQ(verdict(0.001, 4).verdict, Outcome::fail);
}

TEST(LimitVerdicts, WhatWasNotMeasuredNeverPasses) {
  Result result = two_formats();
  result.cases[0].status = CaseStatus::skipped;
  result.cases[0].reason = "out of memory";
  result.cases[0].metrics.clear();
  const Judged judged({latency(1)}, result);
  EXPECT_EQ(judged.verdicts[0].verdict, Outcome::cannot_tell);
  EXPECT_NE(judged.verdicts[0].why.find("out of memory"), std::string::npos);
  EXPECT_EQ(judged.verdicts[1].verdict, Outcome::pass);
}

TEST(LimitVerdicts, ALimitThatMeansNothingIsNotMet) {
  AcceptanceLimit typo = latency(1);
  typo.metric = "inter_token_latencys";
  AcceptanceLimit elsewhere = latency(1);
  elsewhere.choice.where = {{"workload", "vision"}};
  const Judged judged({typo, elsewhere});
  EXPECT_EQ(judged.verdicts[0].verdict, Outcome::cannot_tell);
  EXPECT_NE(judged.verdicts[0].advice.find("inter_token_latency_s"), std::string::npos);
  EXPECT_EQ(judged.verdicts[2].verdict, Outcome::cannot_tell);
  EXPECT_NE(judged.verdicts[2].why.find("workload"), std::string::npos);
}

TEST(LimitVerdicts, ATradeOffStandsATimeBesideTheRateOfTheSameDraws) {
  const std::vector<AcceptanceLimit> limits = {latency(0.030)};
  const Judged judged(limits);
  const auto trade_offs = trade_offs_of(judged.summary, judged.sweeps, limits);
  ASSERT_EQ(trade_offs.size(), 2u);
  EXPECT_EQ(trade_offs[0].limit, 0u);
  EXPECT_EQ(trade_offs[0].times[1].value, 0.020);
  EXPECT_NEAR(*trade_offs[0].rates[1].value, 200, 1e-9) << "4 tokens in 20 ms";
}

}  // namespace
}  // namespace assay::limit_verdicts_tests
