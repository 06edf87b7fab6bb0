// SPDX-License-Identifier: Apache-2.0
#include "statistics/sessions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "statistics/blocks.h"

namespace assay::sessions_tests {
namespace {

using Groups = std::vector<std::vector<double>>;

TEST(Sessions, StudentsTIsThatOfTheTables) {
  const struct {
    std::size_t degrees;
    double t;
  } table[] = {{1, 12.7062}, {2, 4.3027},  {3, 3.1824},  {4, 2.7764},   {5, 2.5706},
               {6, 2.4469},  {10, 2.2281}, {30, 2.0423}, {100, 1.9840}, {1000, 1.9623}};
  for (const auto& row : table) EXPECT_NEAR(student_t(row.degrees), row.t, 3e-4) << row.degrees;
  EXPECT_THROW(student_t(0), std::logic_error);
}

TEST(Sessions, VarianceComponentsByHand) {
  // Means 2 and 6 around 4: between 2 * 4 + 2 * 4 = 16; within 4 / 2 = 2; (16 - 2) / 2.
  const auto equal = variance_components(Groups{{1, 3}, {5, 7}});
  ASSERT_TRUE(equal.has_value());
  EXPECT_DOUBLE_EQ(equal->within, 2);
  EXPECT_DOUBLE_EQ(equal->between, 7);
  // Means 2 and 7 around 5: between 2 * 9 + 3 * 4 = 30; within 10 / 3; n0 = 5 - 13 / 5 = 2.4.
  const auto unequal = variance_components(Groups{{1, 3}, {5, 7, 9}});
  ASSERT_TRUE(unequal.has_value());
  EXPECT_DOUBLE_EQ(unequal->within, 10.0 / 3);
  EXPECT_DOUBLE_EQ(unequal->between, (30 - 10.0 / 3) / 2.4);
}

TEST(Sessions, SessionsThatDifferNoMoreThanTheirBlocksHaveNoVarianceOfTheirOwn) {
  const auto components = variance_components(Groups{{1, 9}, {2, 8}});
  ASSERT_TRUE(components.has_value());
  EXPECT_EQ(components->between, 0);
}

TEST(Sessions, ComponentsOfSingleBlocksCannotBeTold) {
  EXPECT_FALSE(variance_components(Groups{{1}, {2}, {3}}).has_value());
  EXPECT_FALSE(variance_components(Groups{{1, 2, 3}}).has_value());
}

TEST(Sessions, TwoLevelIntervalByHand) {
  // Logarithms -0.1, 0, 0.1 around 100: deviation 0.1, t 4.3027, root of 3.
  const TwoLevel three = two_level(std::vector<double>{100 * std::exp(0.1), 100 * std::exp(-0.1), 100});
  ASSERT_TRUE(three.ci95.has_value());
  EXPECT_NEAR(three.value, 100, 1e-9);
  EXPECT_NEAR(three.ci95->low, 100 * std::exp(-0.43027 / std::sqrt(3)), 1e-9);
  EXPECT_NEAR(three.ci95->high, 100 * std::exp(0.43027 / std::sqrt(3)), 1e-9);
}

TEST(Sessions, TwoLevelIntervalHoldsEverySession) {
  const TwoLevel five = two_level(std::vector<double>{100, 100, 100, 100, 200});
  EXPECT_EQ(five.ci95->high, 200);
}

TEST(Sessions, AnIntervalOfTwoSessionsIsWideAndAboveZero) {
  const TwoLevel two = two_level(std::vector<double>{90, 110});
  EXPECT_NEAR(two.value, std::sqrt(90.0 * 110), 1e-9);
  EXPECT_GT(two.ci95->low, 0);
  EXPECT_GT(two.ci95->high, 300);  // t is 12.7
}

TEST(Sessions, WithoutLogarithmsThereIsNoInterval) {
  const TwoLevel none = two_level(std::vector<double>{-1, 1, 2});
  EXPECT_EQ(none.value, 1);
  EXPECT_FALSE(none.ci95.has_value());
}

BlockedSeries sessions_at(const std::vector<double>& levels, std::int64_t blocks) {
  BlockedSeries series;
  for (const double level : levels) {
    series.sessions.push_back(blocks);
    for (std::int64_t b = 0; b < blocks; ++b)
      series.blocks.push_back({level, level + 0.01 * static_cast<double>(b), level + 5});
  }
  return series;
}

TEST(Sessions, UpToFiveStandOnTheirNumberAndNotOnThatOfTheirBlocks) {
  const Estimate few = estimate(sessions_at({100, 101, 99}, 3), Stat::median);
  const Estimate many = estimate(sessions_at({100, 101, 99}, 300), Stat::median);
  EXPECT_EQ(few.units, 3);
  EXPECT_EQ(many.units, 3);
  EXPECT_EQ(many.blocks, 900);
  ASSERT_TRUE(many.ci95.has_value());
  EXPECT_GT(*relative_half_width(many), 0.02);
  EXPECT_NEAR(*many.between_variance, 1, 0.01);
}

TEST(Sessions, SixAreUnitsOfTheirOwn) {
  const Estimate six = estimate(sessions_at({3, 5, 1, 6, 2, 4}, 3), Stat::median);
  EXPECT_EQ(six.units, 6);
  EXPECT_EQ(six.blocks, 18);
  EXPECT_DOUBLE_EQ(*six.value, 3.51);  // the middle block's middle draw is 0.01 above the level
  EXPECT_DOUBLE_EQ(six.ci95->low, 1.01);
  EXPECT_DOUBLE_EQ(six.ci95->high, 6.01);
}

TEST(Sessions, WithoutADrawASessionIsNone) {
  BlockedSeries series = sessions_at({100, 101, 99}, 2);
  series.sessions.push_back(1);
  series.blocks.emplace_back();
  EXPECT_EQ(estimate(series, Stat::median).units, 3);
}

TEST(Sessions, ThatDoNotAddUpAreOurMistake) {
  BlockedSeries series = sessions_at({100, 101}, 2);
  series.sessions.push_back(1);
  EXPECT_THROW(estimate(series, Stat::median), std::logic_error);
}

TEST(Sessions, FewGiveNoIntervalOfAPercentile) {
  const Estimate p90 = estimate(sessions_at({100, 101}, 300), Stat::p90);
  EXPECT_TRUE(p90.value.has_value());
  EXPECT_FALSE(p90.ci95.has_value());
  EXPECT_NE(p90.why.find("2 to 5 sessions"), std::string::npos) << p90.why;
}

}  // namespace
}  // namespace assay::sessions_tests
