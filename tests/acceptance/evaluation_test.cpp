// SPDX-License-Identifier: Apache-2.0
#include "acceptance/evaluation.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/swept_result.h"

namespace assay::evaluation_tests {
namespace {

Brief brief_of(double at_most, std::vector<std::string> across = {"dtype"}) {
  Brief brief;
  brief.across = std::move(across);
  brief.acceptance = {{.name = "Quick",
                       .choice = {.cases = "*", .where = {{"batch", 4}}},
                       .metric = "inter_token_latency_s",
                       .statistic = {},
                       .at_most = at_most,
                       .at_least = {},
                       .capacity = {}}};
  return brief;
}

Evaluation evaluated(Brief brief, const std::vector<Result>& results = {two_formats()},
                     const std::optional<Prices>& prices = {}) {
  return evaluate(std::move(brief), summarise(results), results, prices);
}

TEST(Recommendation, IsTheOneSystemThatMeetsEveryLimit) {
  const Evaluation e = evaluated(brief_of(0.015));
  EXPECT_EQ(e.recommendation.decision, Decision::one);
  ASSERT_EQ(e.recommendation.systems.size(), 1u);
  EXPECT_EQ(e.systems[e.recommendation.systems[0]].label, "bf16");
  EXPECT_EQ(e.recommendation.sentence, "bf16: it meets the limit, and no other system does.");
  EXPECT_EQ(e.recommendation.confidence, Confidence::high) << e.recommendation.confidence_why;
  ASSERT_TRUE(e.recommendation.deciding);
  EXPECT_EQ(e.verdicts[*e.recommendation.deciding].figure->value, 0.010);
  ASSERT_EQ(e.recommendation.would_change.size(), 2u);
  EXPECT_EQ(e.recommendation.would_change[0],
            "The limit with the least room is \"Quick\": bf16 is at 10.0 ms of at most 15.0 ms. A limit "
            "below 10.1 ms "
            "would not be shown to hold.");
  EXPECT_EQ(e.recommendation.would_change[1],
            "f32 misses \"Quick\" alone: at 20.0 ms where at most 15.0 ms is asked for.");
}

TEST(Recommendation, OfSeveralThatMeetItIsTheOneShownToBeFaster) {
  const Evaluation e = evaluated(brief_of(0.5));
  EXPECT_EQ(e.recommendation.decision, Decision::one);
  EXPECT_EQ(e.systems[e.recommendation.systems.at(0)].label, "bf16");
  ASSAY_EXPECT_HAS(e.recommendation.sentence, "is better than f32, which does too");
}

TEST(Recommendation, IsAnyOfThemWhereNoneIsShownToBeBetter) {
  Result alike = two_formats();
  alike.cases = swept_cases("f32", {{1, 0.010}, {4, 0.020}});
  for (CaseResult& one : swept_cases("bf16", {{1, 0.010}, {4, 0.020}})) alike.cases.push_back(std::move(one));
  const Evaluation e = evaluated(brief_of(0.5), {alike});
  EXPECT_EQ(e.recommendation.decision, Decision::any);
  EXPECT_EQ(e.recommendation.systems.size(), 2u);
  ASSAY_EXPECT_HAS(e.recommendation.sentence, "f32 and bf16 meet the limit");
}

TEST(Recommendation, SaysThatNoneMeetsIt) {
  const Evaluation e = evaluated(brief_of(0.001));
  EXPECT_EQ(e.recommendation.decision, Decision::none_meets);
  EXPECT_TRUE(e.recommendation.systems.empty());
  ASSERT_TRUE(e.recommendation.deciding);
  EXPECT_EQ(e.systems[e.verdicts[*e.recommendation.deciding].system].label, "bf16") << "it came nearest";
}

TEST(Recommendation, CannotBeMadeOfOneSessionNearTheLimit) {
  Result one_session = two_formats();
  one_session.cases = swept_cases("f32", {{1, 0.010}, {4, 0.020}}, 1);
  const Evaluation e = evaluated(brief_of(0.021), {one_session});
  EXPECT_EQ(e.recommendation.decision, Decision::cannot_tell);
  EXPECT_EQ(e.recommendation.confidence, Confidence::none);
  ASSAY_EXPECT_HAS(e.recommendation.would_change.at(0), "cannot be told");
}

TEST(Recommendation, IsTheCheapestWherePricesTellThemApart) {
  const std::vector<Result> results = {
      compared_result("Fast GPU", swept_cases("bf16", {{1, 0.005}, {4, 0.010}})),
      compared_result("Cheap GPU", swept_cases("bf16", {{1, 0.010}, {4, 0.020}}))};
  Prices prices{.currency = "EUR", .devices = {{"Fast", 8}, {"Cheap", 1}}, .power_per_kwh = {}};
  const Evaluation e = evaluated(brief_of(0.5, {}), results, prices);
  ASSERT_EQ(e.recommendation.decision, Decision::one);
  EXPECT_EQ(e.systems[e.recommendation.systems[0]].label, "Cheap GPU");
  ASSAY_EXPECT_HAS(e.recommendation.sentence, "at the lowest price");
  // batch 4: 4 tokens in 20 ms are 200 tokens/s; a million of them take 5,000 s of 1 EUR an hour.
  const auto cost =
      std::ranges::find_if(e.costs, [&](const CaseCost& c) { return c.system == 1 && c.case_index == 3; });
  ASSERT_NE(cost, e.costs.end());
  EXPECT_NEAR(*cost->cost, 5000.0 / 3600, 1e-9);
  EXPECT_EQ(cost->work, "1,000,000 tokens");
}

TEST(Evaluation, ComparesNumberFormatsAsOneTask) {
  const Evaluation e = evaluated(brief_of(0.015));
  ASSERT_TRUE(e.comparison);
  ASSERT_EQ(e.comparison->others.size(), 1u);
  EXPECT_EQ(e.comparison->others[0].cases.size(), 3u);
  EXPECT_EQ(e.comparison->others[0].counts.compared, 3);
  ASSERT_FALSE(e.comparison->others[0].means.empty());
  EXPECT_NEAR(e.comparison->others[0].means[0].ratio, 2, 0.01);
  EXPECT_EQ(e.comparison->results[1].label, "bf16");
}

TEST(Evaluation, WithoutLimitsLetsTheFiguresStand) {
  Brief none;
  const Evaluation e = evaluated(none);
  EXPECT_EQ(e.recommendation.decision, Decision::not_asked);
  EXPECT_TRUE(e.verdicts.empty());
  EXPECT_EQ(e.systems.size(), 1u);
  EXPECT_EQ(to_json(e)["recommendation"]["decision"], "not_asked");
}

TEST(Evaluation, OfNoCasesIsEmpty) {
  Result empty = compared_result("Test CPU", {});
  const Evaluation e = evaluated(brief_of(1), {empty});
  EXPECT_TRUE(e.systems.empty());
  EXPECT_EQ(e.recommendation.decision, Decision::cannot_tell);
}

}  // namespace
}  // namespace assay::evaluation_tests
