// SPDX-License-Identifier: Apache-2.0
#include "statistics/neighbours.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace assay::neighbours_tests {
namespace {

using Values = std::vector<double>;

Grouping group_of(const Values& values) {
  return group(values, Values(values.size(), 1.0));
}

TEST(Neighbours, EqualValuesShareTheMeanOfTheirRanks) {
  EXPECT_EQ(ranks(Values{30, 10, 20, 10}), (Values{4, 1.5, 3, 1.5}));
  EXPECT_EQ(ranks(Values{7, 7, 7}), (Values{2, 2, 2}));
}

TEST(Neighbours, RankCorrelationByHand) {
  // Distances from the mean rank -1.5 -0.5 0.5 1.5: products 0.75 - 0.25 + 0.75, squares 5.
  EXPECT_DOUBLE_EQ(order_of(Values{1, 2, 30, 400}).correlation, 0.25);
  EXPECT_EQ(order_of(Values{5, 5, 5, 5}).correlation, 0);
}

TEST(Neighbours, LikenessIsBartelsRatioInStandardDeviations) {
  // 1 .. 10 in order: differences 9 x 1, squares 82.5, ratio 0.1091; variance 4 * 8 * 471 / (50 * 11 * 81).
  EXPECT_NEAR(order_of(Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}).likeness,
              (2 - 9 / 82.5) / std::sqrt(15072.0 / 44550), 1e-12);
  EXPECT_LT(order_of(Values{1, 9, 2, 8, 3, 7, 4, 6}).likeness, 0);
  EXPECT_EQ(order_of(Values{5, 5, 5, 5, 5, 5}).likeness, 0);
}

TEST(Neighbours, WhatIsLeftOverJoinsTheLastUnit) {
  EXPECT_EQ(unit_sums(Values{1, 2, 3, 4, 5, 6, 7}, 2), (Values{3, 7, 18}));
  EXPECT_EQ(unit_sums(Values{1, 2, 3, 4, 5, 6, 7}, 4), (Values{28}));
  EXPECT_EQ(unit_sums(Values{1, 2}, 1), (Values{1, 2}));
}

TEST(Neighbours, PairsThatAreAlikeAreMergedOnce) {
  Values values;
  for (int pair = 0; pair < 12; ++pair)
    for (int i = 0; i < 2; ++i) values.push_back(pair / 2 + (pair % 2) * 100 + 0.1 * i);
  const Grouping grouping = group_of(values);
  EXPECT_EQ(grouping.merged, 2);
  EXPECT_EQ(grouping.units, 12);
  EXPECT_FALSE(grouping.hang_together);
}

TEST(Neighbours, ADriftHangsTogetherHoweverItIsMerged) {
  Values values;
  for (int i = 0; i < 100; ++i) values.push_back(i);
  const Grouping grouping = group_of(values);
  EXPECT_EQ(grouping.merged, 16);
  EXPECT_EQ(grouping.units, 6);
  EXPECT_TRUE(grouping.hang_together);
}

TEST(Neighbours, FewerThanSixUnitsAreNotJudged) {
  EXPECT_FALSE(group_of({1, 2, 3, 4, 5}).hang_together);
  EXPECT_TRUE(group_of({1, 2, 3, 4, 5, 6}).hang_together);
}

TEST(Neighbours, OneWildBlockDecidesNothing) {
  Values values = {3, 9, 1, 7, 4, 8, 2, 6, 5, 10};
  const Grouping before = group_of(ranks(values));
  values[9] = 1e9;
  const Grouping after = group_of(ranks(values));
  EXPECT_EQ(after.lag1, before.lag1);
  EXPECT_EQ(after.hang_together, before.hang_together);
}

}  // namespace
}  // namespace assay::neighbours_tests
