// SPDX-License-Identifier: Apache-2.0
#include "statistics/ratios.h"

#include <gtest/gtest.h>

namespace assay::ratios_tests {
namespace {

Estimate figure(double value, std::optional<Interval> ci95) {
  Estimate estimate;
  estimate.value = value;
  estimate.ci95 = ci95;
  return estimate;
}

TEST(Ratios, ARateSwapsTheEnds) {
  const Estimate throughput = rate(figure(2, Interval{1.6, 2.5}), 100);
  EXPECT_DOUBLE_EQ(*throughput.value, 50);
  EXPECT_DOUBLE_EQ(throughput.ci95->low, 40);
  EXPECT_DOUBLE_EQ(throughput.ci95->high, 62.5);
}

TEST(Ratios, TheRateOfARateIsTheFigure) {
  Estimate time = figure(2, Interval{1.6, 2.5});
  time.within_variance = 0.04;
  const Estimate back = rate(rate(time, 100), 100);
  EXPECT_DOUBLE_EQ(*back.value, 2);
  EXPECT_DOUBLE_EQ(back.ci95->low, 1.6);
  EXPECT_DOUBLE_EQ(back.ci95->high, 2.5);
  EXPECT_DOUBLE_EQ(*back.within_variance, 0.04);
}

TEST(Ratios, VariancesKeepTheirShareOfTheFigure) {
  Estimate time = figure(2, std::nullopt);
  time.between_variance = 0.04;  // a deviation of 10 %
  EXPECT_DOUBLE_EQ(*rate(time, 100).between_variance, 25);
}

TEST(Ratios, AnIntervalDownToZeroHasNoRate) {
  const Estimate none = rate(figure(2, Interval{0, 5}), 100);
  EXPECT_DOUBLE_EQ(*none.value, 50);
  EXPECT_FALSE(none.ci95.has_value());
  EXPECT_NE(none.why, "");
  EXPECT_FALSE(rate(figure(0, Interval{0, 5}), 100).value.has_value());
}

TEST(Ratios, AShareCarriesItsPeaksOwnInterval) {
  const Estimate share = share_of(figure(40, Interval{36, 44}), figure(50, Interval{40, 60}));
  EXPECT_DOUBLE_EQ(*share.value, 0.8);
  EXPECT_DOUBLE_EQ(share.ci95->low, 36.0 / 60);
  EXPECT_DOUBLE_EQ(share.ci95->high, 44.0 / 40);
}

TEST(Ratios, AKnownPeakAddsNothing) {
  const Estimate share = share_of(figure(40, Interval{36, 44}), 50);
  EXPECT_DOUBLE_EQ(share.ci95->low, 0.72);
  EXPECT_DOUBLE_EQ(share.ci95->high, 0.88);
  EXPECT_EQ(share.why, "");
}

TEST(Ratios, AShareIsTrustedNoMoreThanItsPeak) {
  Estimate peak = figure(50, std::nullopt);
  const Estimate without = share_of(figure(40, Interval{36, 44}), peak);
  EXPECT_DOUBLE_EQ(*without.value, 0.8);
  EXPECT_FALSE(without.ci95.has_value());
  EXPECT_NE(without.why, "");
  peak.ci95 = Interval{40, 60};
  peak.hang_together = true;
  EXPECT_TRUE(share_of(figure(40, Interval{36, 44}), peak).hang_together);
  EXPECT_FALSE(share_of(figure(40, Interval{36, 44}), Estimate{}).value.has_value());
}

}  // namespace
}  // namespace assay::ratios_tests
