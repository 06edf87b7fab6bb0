// SPDX-License-Identifier: Apache-2.0
#include "statistics/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace assay::statistics_tests {
namespace {

using Samples = std::vector<double>;

Samples one_to(int n) {
  Samples samples(static_cast<std::size_t>(n));
  std::iota(samples.begin(), samples.end(), 1.0);
  return samples;
}

TEST(Statistics, MedianOfAnEvenCountLiesBetweenTheTwoMiddleSamples) {
  EXPECT_EQ(median(Samples{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(Samples{5, 1, 3}), 3);
  EXPECT_EQ(median(Samples{7}), 7);
}

TEST(Statistics, QuantilesInterpolateBetweenOrderStatistics) {
  EXPECT_EQ(quantile(Samples{10, 20, 30, 40, 50}, 0.25), 20);
  EXPECT_EQ(quantile(Samples{10, 20}, 0.9), 19);
  EXPECT_EQ(quantile(Samples{10, 20}, 1), 20);
}

TEST(Statistics, VarianceSurvivesALargeMean) {
  // 4, 7, 13, 16: mean 10, squares 36 + 9 + 9 + 36 = 90, over 3.
  EXPECT_DOUBLE_EQ(variance(Samples{4, 7, 13, 16}), 30);
  EXPECT_DOUBLE_EQ(variance(Samples{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}), 30);
}

TEST(Statistics, MedianAbsoluteDeviationIgnoresOneWildSample) {
  EXPECT_EQ(median_absolute_deviation(Samples{1, 1, 2, 2, 4, 6, 9}), 1);  // distances 1 1 0 0 2 4 7
  EXPECT_EQ(median_absolute_deviation(Samples{1, 2, 3, 4, 1000}), 1);
}

TEST(Statistics, AnIntervalNeedsSixSamples) {
  EXPECT_FALSE(median_interval(one_to(5)).has_value());  // 1 - 2/32 = 93.75 %
  const auto six = median_interval(one_to(6));           // 1 - 2/64 = 96.9 %
  ASSERT_TRUE(six.has_value());
  EXPECT_EQ(six->low, 1);
  EXPECT_EQ(six->high, 6);
  EXPECT_FALSE(median_interval(Samples{}).has_value());
}

TEST(Statistics, IntervalRanksAreThoseOfTheBinomialTable) {
  // Ranks of sign-test tables: the 95 % interval of the median is x(k) .. x(n + 1 - k).
  const struct {
    int n, k;
  } table[] = {{8, 1}, {9, 2}, {10, 2}, {12, 3}, {15, 4}, {20, 6}, {25, 8}, {30, 10}, {50, 18}, {100, 40}};
  for (const auto& row : table) {
    const auto interval = median_interval(one_to(row.n));
    ASSERT_TRUE(interval.has_value()) << row.n;
    EXPECT_EQ(interval->low, row.k) << row.n;
    EXPECT_EQ(interval->high, row.n + 1 - row.k) << row.n;
  }
}

TEST(Statistics, IntervalOfManySamplesAgreesWithTheNormalApproximation) {
  const int n = 100000;
  const auto interval = median_interval(one_to(n));
  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, n / 2 - 1.96 * std::sqrt(n) / 2, 2);
}

TEST(Statistics, IntervalHoldsTheMedianAsOftenAsItSays) {
  // Over all 2^10 ways ten samples can fall on either side of the true median 0: x(2) <= 0 <= x(9) unless at
  // most one, or at least nine, are below. 1 - 2 * 11 / 1024 = 97.9 %.
  int holds = 0;
  for (unsigned pattern = 0; pattern < 1024; ++pattern) {
    Samples samples;
    for (int i = 0; i < 10; ++i) samples.push_back((pattern >> i & 1) != 0 ? 1.0 + i : -1.0 - i);
    const auto interval = median_interval(samples);
    holds += interval->low <= 0 && interval->high >= 0;
  }
  EXPECT_EQ(holds, 1024 - 22);
}

TEST(Statistics, HalfWidthIsAShareOfTheMedian) {
  EXPECT_DOUBLE_EQ(*relative_half_width(Samples{9, 10, 10, 10, 10, 11}), 0.1);
  EXPECT_FALSE(relative_half_width(Samples{9, 10, 11}).has_value());
}

TEST(Statistics, PercentilesAreGivenOnlyWhereTheSamplesSupportThem) {
  EXPECT_FALSE(supported_percentile(one_to(49), 0.9).has_value());
  EXPECT_DOUBLE_EQ(*supported_percentile(one_to(50), 0.9), 45.1);  // position 0.9 * 49 = 44.1, counted from 0
  EXPECT_FALSE(supported_percentile(one_to(999), 0.99).has_value());
  EXPECT_DOUBLE_EQ(*supported_percentile(one_to(1000), 0.99), 990.01);
}

TEST(Statistics, OutliersAreCountedByDistanceFromTheMedian) {
  EXPECT_EQ(outliers(Samples{10, 11, 9, 10, 10.5, 9.5, 30}), 1);
  EXPECT_EQ(outliers(Samples{1, 2, 3, 4, 5}), 0);
}

}  // namespace
}  // namespace assay::statistics_tests
