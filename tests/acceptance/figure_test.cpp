// SPDX-License-Identifier: Apache-2.0
#include "acceptance/figure.h"

#include <gtest/gtest.h>

#include "support/swept_result.h"

namespace assay::figure_tests {
namespace {

/// 10 ms, 9.9 to 10.1, of so many sessions.
MeasuredFigure ten_ms(std::int64_t sessions = 8) {
  return {.case_index = 0,
          .metric = "latency_s",
          .of = "pass",
          .unit = "s",
          .value = 0.0100,
          .low = 0.0099,
          .high = 0.0101,
          .n = 100,
          .blocks = 10,
          .sessions = sessions,
          .why = {}};
}

TEST(MeasuredFigure, MeetsALimitThatItsWholeIntervalLiesWithin) {
  EXPECT_EQ(is_met(ten_ms(), 0.0102, {}).verdict, Outcome::pass);
  EXPECT_EQ(is_met(ten_ms(), 0.0098, {}).verdict, Outcome::fail);
  EXPECT_EQ(is_met(ten_ms(), 0.0100, {}).verdict, Outcome::cannot_tell);
  EXPECT_EQ(is_met(ten_ms(), {}, 0.0098).verdict, Outcome::pass);
  EXPECT_EQ(is_met(ten_ms(), {}, 0.0102).verdict, Outcome::fail);
  EXPECT_NEAR(*is_met(ten_ms(), 0.0125, {}).margin, 0.2, 1e-12);
  EXPECT_NEAR(*is_met(ten_ms(), 0.0080, {}).margin, -0.25, 1e-12);
}

TEST(MeasuredFigure, OfOneSessionNeedsRoomForWhatOthersHaveBeenApart) {
  EXPECT_EQ(is_met(ten_ms(1), 0.0110, {}).verdict, Outcome::cannot_tell) << "within 1.6x of the limit";
  EXPECT_EQ(is_met(ten_ms(1), 0.0170, {}).verdict, Outcome::pass);
  EXPECT_EQ(is_met(ten_ms(1), 0.0070, {}).verdict, Outcome::cannot_tell);
  EXPECT_EQ(is_met(ten_ms(1), 0.0060, {}).verdict, Outcome::fail);
  EXPECT_NE(is_met(ten_ms(1), 0.0110, {}).advice.find("/measure/sessions"), std::string::npos);
}

TEST(MeasuredFigure, OfADisturbedMachineNeedsTwiceTheRoom) {
  MeasuredFigure disturbed = ten_ms();
  disturbed.disturbed = true;
  EXPECT_EQ(is_met(disturbed, 0.0300, {}).verdict, Outcome::cannot_tell);
  EXPECT_EQ(is_met(disturbed, 0.0330, {}).verdict, Outcome::pass);
  EXPECT_NEAR(*is_met(disturbed, 0.0330, {}).turns_at, 3.2 * 0.0101, 1e-12);
}

TEST(MeasuredFigure, ThatIsWithheldTellsNothing) {
  MeasuredFigure none = ten_ms();
  none.value = none.low = none.high = std::nullopt;
  none.why = "too few blocks";
  const Met met = is_met(none, 1, {});
  EXPECT_EQ(met.verdict, Outcome::cannot_tell);
  EXPECT_NE(met.why.find("too few blocks"), std::string::npos);
}

TEST(MeasuredFigure, OfAPercentileWithoutSupportIsTheMedianAndNeverPasses) {
  const std::vector<Result> results = {two_formats()};
  const Summary summary = summarise(results);
  const auto figure = figure_of(summary, 0, "inter_token_latency_s", Stat::p99);
  ASSERT_TRUE(figure);
  EXPECT_TRUE(figure->stands_in);
  EXPECT_EQ(figure->statistic, Stat::median);
  EXPECT_EQ(is_met(*figure, 1, {}).verdict, Outcome::cannot_tell);
  EXPECT_EQ(is_met(*figure, 0.001, {}).verdict, Outcome::fail)
      << "what the median misses, its tail misses too";
}

TEST(MeasuredFigure, OfAPercentileIsThatOfItsDrawsWhereTheyHoldIt) {
  Result result = two_formats();
  result.cases[0].metrics["inter_token_latency_s"].p99 = 0.015;
  const std::vector<Result> results = {result};
  const auto figure = figure_of(summarise(results), 0, "inter_token_latency_s", Stat::p99);
  ASSERT_TRUE(figure);
  EXPECT_FALSE(figure->stands_in);
  EXPECT_EQ(figure->value, 0.015);
  EXPECT_FALSE(figure->low) << "the median's interval is not its own";
}

}  // namespace
}  // namespace assay::figure_tests
