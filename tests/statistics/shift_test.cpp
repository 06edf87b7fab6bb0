// SPDX-License-Identifier: Apache-2.0
#include "statistics/shift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace assay::shift_tests {
namespace {

std::vector<Stratum> one(std::vector<double> base, std::vector<double> other) {
  return {{std::move(base), std::move(other)}};
}

std::vector<double> from(double first, int count, double step = 1) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(first + step * i);
  return values;
}

TEST(Shift, IsTheMedianOfAllDifferences) {
  // 10 - 1, 10 - 2, 10 - 4, 20 - 1, 20 - 2, 20 - 4: 6 8 9 16 18 19.
  ShiftTest test;
  EXPECT_DOUBLE_EQ(test(one({1, 2, 4}, {10, 20})).value, 12.5);
}

TEST(Shift, CountsTheOrdersThatAreAsFarApart) {
  // Of C(4, 2) = 6 orders two are as far apart as this one; of C(16, 8) = 12870 two.
  ShiftTest test;
  EXPECT_DOUBLE_EQ(test(one({1, 2}, {3, 4})).p, 2.0 / 6);
  const Shift far = test(one(from(0, 8), from(100, 8)));
  EXPECT_NEAR(far.p, 2.0 / 12870, 1e-12);
  EXPECT_DOUBLE_EQ(far.p, far.least_p);
  EXPECT_DOUBLE_EQ(far.delta, 1);
  // 1 3 | 2 4: U = 3, and P(U >= 3) = (1 + 1) / 6.
  EXPECT_DOUBLE_EQ(test(one({1, 3}, {2, 4})).p, 4.0 / 6);
}

TEST(Shift, OfEqualValuesSaysNothing) {
  ShiftTest test;
  const Shift same = test(one({5, 5, 5, 5, 5, 5}, {5, 5, 5, 5, 5, 5}));
  EXPECT_DOUBLE_EQ(same.value, 0);
  EXPECT_DOUBLE_EQ(same.p, 1);
  EXPECT_DOUBLE_EQ(same.delta, 0);
  ASSERT_TRUE(same.ci95.has_value());
  EXPECT_DOUBLE_EQ(same.ci95->low, 0);
  EXPECT_DOUBLE_EQ(same.ci95->high, 0);
}

TEST(Shift, ComparesWithinStrataAlone) {
  // Each block lies elsewhere by far more than the sides are apart: together they would say nothing.
  std::vector<Stratum> blocks;
  for (int block = 0; block < 4; ++block) {
    const double at = 100.0 * block;
    blocks.push_back({{at, at + 0.1}, {at + 1, at + 1.1}});
  }
  ShiftTest test;
  const Shift shift = test(blocks);
  EXPECT_DOUBLE_EQ(shift.delta, 1);
  EXPECT_NEAR(shift.p, 2.0 / (6 * 6 * 6 * 6), 1e-12);
  EXPECT_NEAR(shift.value, 1, 0.11);
}

TEST(Shift, HasNoIntervalWhereSoFewValuesCouldLieApartByChance) {
  ShiftTest test;
  EXPECT_FALSE(test(one({1, 2}, {3, 4})).ci95.has_value());
  EXPECT_FALSE(test(one(from(0, 3), from(0, 3))).ci95.has_value());  // 2 / 20 = 10 %
  EXPECT_TRUE(test(one(from(0, 4), from(0, 4))).ci95.has_value());   // 2 / 70 = 2.9 %
  EXPECT_THROW(test({}), std::logic_error);
  EXPECT_THROW(test(one({1}, {})), std::logic_error);
}

/// How often the interval misses a shift, and p <= 0.05 although there is none.
struct Rates {
  double missed = 0, alarms = 0;
};
Rates rates(std::size_t sessions, bool in_blocks, bool skewed) {
  constexpr int kTrials = 4000;
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  const auto draw = [&] { return skewed ? std::exp(normal(random)) : normal(random); };
  ShiftTest test;
  Rates rates;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<Stratum> strata(in_blocks ? sessions / 2 : 1);
    for (Stratum& s : strata) {
      const double drift = in_blocks ? 5 * draw() : 0;
      for (std::size_t i = 0; i < sessions / strata.size(); ++i) {
        s.base.push_back(drift + draw());
        s.other.push_back(drift + draw());
      }
    }
    const Shift shift = test(strata);
    if (shift.p <= 0.05) rates.alarms += 1.0 / kTrials;
    if (!shift.ci95 || shift.ci95->low > 0 || shift.ci95->high < 0) rates.missed += 1.0 / kTrials;
  }
  return rates;
}

TEST(Shift, IsWrongNoMoreOftenThanItSays) {
  for (const std::size_t sessions : {8, 12, 30})
    for (const bool in_blocks : {false, true})
      for (const bool skewed : {false, true}) {
        const Rates found = rates(sessions, in_blocks, skewed);
        // 4000 trials of 5 % have a standard error of 0.34 %; exact tests of few values stay below 5 %.
        EXPECT_LE(found.alarms, 0.06) << sessions << in_blocks << skewed;
        EXPECT_GE(found.alarms, 0.02) << sessions << in_blocks << skewed;
        EXPECT_LE(found.missed, 0.06) << sessions << in_blocks << skewed;
      }
}

TEST(Shift, OfManyValuesIsAboutThatOfFew) {
  // 70 x 70 pairs are past the exact null: by its normal form and by hand, z = (U - nm/2) / sd.
  ShiftTest test;
  const Shift many = test(one(from(0, 70), from(12.5, 70)));
  // U: of each other value those of base below it: 13 + ... + 70, and 70 for each of the last twelve.
  double above = 0;
  for (int j = 0; j < 70; ++j) above += std::min(70, 13 + j);
  const double z = (above - 2450 - 0.5) / std::sqrt(70.0 * 70 * 141 / 12);
  EXPECT_NEAR(many.p, std::erfc(z / std::sqrt(2.0)), 1e-9);
}

TEST(Holm, MultipliesByTheQuestionsThatAreLeft) {
  const std::vector<double> p = {0.04, 0.01, 0.03, 0.5};
  const std::vector<double> adjusted = holm(p);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.09);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.09);  // 2 x 0.04 = 0.08, but no less than a smaller p
  EXPECT_DOUBLE_EQ(adjusted[3], 0.5);
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace assay::shift_tests
