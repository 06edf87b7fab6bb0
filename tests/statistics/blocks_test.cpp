// SPDX-License-Identifier: Apache-2.0
#include "statistics/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "statistics/kept_draws.h"
#include "statistics/neighbours.h"

namespace assay::blocks_tests {
namespace {

using Draws = std::vector<double>;

/// A draw a block.
BlockedSeries of(const Draws& values) {
  BlockedSeries series;
  for (const double value : values) series.blocks.push_back({value});
  return series;
}

/// 24 blocks in 12 pairs: 1 1.5, 101 101.5, 2 2.5, 102 102.5 ...
Draws pairs() {
  Draws values;
  for (int pair = 0; pair < 12; ++pair) {
    const double low = pair / 2 + 1 + (pair % 2 == 0 ? 0 : 100);
    values.insert(values.end(), {low, low + 0.5});
  }
  return values;
}

TEST(Blocks, PooledDrawsOfPassesMakeAnIntervalFiveTimesTooNarrow) {
  const BlockedSeries qwen{.blocks = test::kQwenDecode};
  EXPECT_NEAR(*relative_half_width(all_draws(qwen)), 0.0056, 0.00005);
  const Estimate found = estimate(qwen, Stat::median);
  EXPECT_EQ(found.n, 150);
  EXPECT_EQ(found.blocks, 10);
  EXPECT_EQ(found.units, 10);
  EXPECT_EQ(*found.value, 22668173);  // halfway between the fifth and the sixth
  EXPECT_EQ(found.ci95->low, 22295286);
  EXPECT_EQ(found.ci95->high, 23591197);
  EXPECT_NEAR(*relative_half_width(found), 0.0286, 0.00005);
  EXPECT_FALSE(is_converged(found, 0.02));
}

TEST(Blocks, KeptPassesThatHangTogetherAreMerged) {
  double products = 0, squares = 0;
  const Draws& passes = test::kSmolPasses;
  const double centre = mean(passes);
  for (std::size_t i = 0; i < passes.size(); ++i) {
    squares += (passes[i] - centre) * (passes[i] - centre);
    if (i > 0) products += (passes[i] - centre) * (passes[i - 1] - centre);
  }
  EXPECT_NEAR(products / squares, 0.46, 0.005);  // of the values; that of the ranks is about the same
  const Estimate found = estimate(of(passes), Stat::median);
  EXPECT_NEAR(*found.lag1, 0.466, 0.0005);
  EXPECT_EQ(found.merged, 4);
  EXPECT_EQ(found.units, 7);
  EXPECT_FALSE(found.hang_together);
  EXPECT_EQ(*found.value, 7460121);
  EXPECT_NEAR(*relative_half_width(passes), 0.0142, 0.00005);
  EXPECT_NEAR(*relative_half_width(found), 0.0637, 0.00005);
}

TEST(Blocks, AnIntervalNeedsSixHoweverManyDrawsTheyHold) {
  BlockedSeries series;
  for (int block = 0; block < 5; ++block) series.blocks.emplace_back(1000, 7.0 + block);
  const Estimate five = estimate(series, Stat::median);
  EXPECT_EQ(*five.value, 9);
  EXPECT_FALSE(five.ci95.has_value());
  EXPECT_EQ(five.why, "an interval needs 6 blocks that do not hang together, here are 5 blocks");
  EXPECT_FALSE(is_converged(five, 1));
  const Estimate six = estimate(of({3, 5, 1, 6, 2, 4}), Stat::median);
  EXPECT_EQ(*six.value, 3.5);
  EXPECT_EQ(six.ci95->low, 1);
  EXPECT_EQ(six.ci95->high, 6);
  EXPECT_EQ(six.why, "");
}

TEST(Blocks, ABlockCountsOnceHoweverManyDrawsItHolds) {
  BlockedSeries series = of({3, 5, 1, 6, 2, 4});
  series.blocks[0] = Draws(999, 3.0);
  series.blocks[3] = {6, 1e9, 0};  // its median is what counts
  const Estimate found = estimate(series, Stat::median);
  EXPECT_EQ(found.n, 1006);
  EXPECT_EQ(*found.value, 3.5);
  EXPECT_EQ(found.ci95->high, 6);
}

TEST(Blocks, OneWithoutDrawsIsNone) {
  BlockedSeries series = of({3, 5, 1, 6, 2});
  series.blocks.emplace_back();
  EXPECT_EQ(estimate(series, Stat::median).blocks, 5);
  const Estimate nothing = estimate(BlockedSeries{}, Stat::median);
  EXPECT_FALSE(nothing.value.has_value());
  EXPECT_EQ(nothing.why, "nothing was measured");
}

TEST(Blocks, PairsThatAreAlikeAreMergedAndTheIntervalWidens) {
  const Draws values = pairs();
  const Estimate found = estimate(of(values), Stat::median);
  EXPECT_EQ(found.merged, 2);
  EXPECT_EQ(found.units, 12);
  EXPECT_EQ(*found.value, (6.5 + 101) / 2);
  // Each unit has its two blocks on one side: shares 0 and 1, standard error sqrt(12 / 11 / 12) / 2 = 0.1508;
  // t(11) = 2.201: 24 * (0.5 -+ 0.3319) = 4.03 and 19.97, so the 4th and the 21st. Alone it were 7th and
  // 18th.
  EXPECT_EQ(found.ci95->low, 2.5);
  EXPECT_EQ(found.ci95->high, 105);
  EXPECT_EQ(median_interval(values)->low, 4);
  EXPECT_EQ(median_interval(values)->high, 103.5);
}

TEST(Blocks, ADriftIsNotToBeTrustedAndSaysWhy) {
  Draws values;
  for (int i = 0; i < 100; ++i) values.push_back(1000 + i);
  const Estimate found = estimate(of(values), Stat::median);
  EXPECT_TRUE(found.hang_together);
  EXPECT_EQ(found.ci95->low, 1000);
  EXPECT_EQ(found.ci95->high, 1099);
  EXPECT_EQ(
      found.why,
      "neighbours hang together (100 blocks, 16 taken as one; rank correlation 0.97): the machine drifts, "
      "or this is too short to tell. Measure longer, on an idle machine");
  EXPECT_FALSE(is_converged(found, 1));
}

TEST(Blocks, IntervalsFollowEveryIncreasingFunction) {
  // What holds for a time holds for its logarithm: figures do not depend on the scale they are kept in.
  Draws values = pairs(), powers;
  values.push_back(50);  // an odd number: the median is a block
  for (const double value : values) powers.push_back(std::exp(value / 10));
  const Estimate plain = estimate(of(values), Stat::median), power = estimate(of(powers), Stat::median);
  EXPECT_EQ(power.merged, plain.merged);
  EXPECT_GT(plain.merged, 1);
  EXPECT_EQ(*power.value, std::exp(*plain.value / 10));
  EXPECT_EQ(power.ci95->low, std::exp(plain.ci95->low / 10));
  EXPECT_EQ(power.ci95->high, std::exp(plain.ci95->high / 10));
}

TEST(Blocks, MergingNeverMakesAnIntervalNarrower) {
  for (int seed = 1; seed < 200; ++seed) {
    Draws values;
    std::uint32_t state = static_cast<std::uint32_t>(seed);
    for (int i = 0; i < 14; ++i) values.push_back((state = state * 1664525u + 1013904223u) >> 16);
    const Estimate found = estimate(of(values), Stat::median);
    const auto alone = median_interval(values);
    EXPECT_LE(found.ci95->low, alone->low);
    EXPECT_GE(found.ci95->high, alone->high);
  }
}

TEST(Blocks, APercentileNeedsDrawsBeyondItAndItsIntervalBlocks) {
  BlockedSeries series;
  for (int block = 0; block < 7; ++block) series.blocks.emplace_back(7, block);
  const Estimate unsupported = estimate(series, Stat::p90);
  EXPECT_FALSE(unsupported.value.has_value());
  EXPECT_EQ(unsupported.why, "a p90 needs 50 draws of 6 blocks, here are 49 of 7");
  EXPECT_EQ(estimate({.blocks = {Draws(5000, 1.0)}}, Stat::p99).why,
            "a p99 needs 1000 draws of 6 blocks, here are 5000 of 1");
  series.blocks[0].push_back(0);
  const Estimate supported = estimate(series, Stat::p90);
  EXPECT_EQ(*supported.value, 6);
  EXPECT_FALSE(supported.ci95.has_value());
  EXPECT_NE(supported.why.find("needs 200 blocks"), std::string::npos) << supported.why;
}

TEST(Blocks, AnIntervalOfP90ByHand) {
  Draws values;
  for (int i = 0; i < 200; ++i) values.push_back(i * 77 % 200 + 1);  // 1 .. 200 in an order without order
  const Estimate found = estimate(of(values), Stat::p90);
  EXPECT_EQ(found.merged, 1);
  EXPECT_DOUBLE_EQ(*found.value, 180.1);
  // 180 of 200 below: standard error sqrt(0.9 * 0.1 / 199) = 0.02127, t(199) 1.972: the 171st and the 190th.
  EXPECT_EQ(found.ci95->low, 171);
  EXPECT_EQ(found.ci95->high, 190);
}

TEST(Blocks, AnIntervalOfTheMeanByHand) {
  BlockedSeries series;
  for (int i = 0; i < 100; ++i) series.blocks.push_back(i % 2 == 0 ? Draws{8, 10} : Draws{11, 11});
  const Estimate found = estimate(series, Stat::mean);
  EXPECT_EQ(*found.value, 10);
  // Blocks' means 9 and 11: standard error sqrt(100 / 99 / 100) = 0.1005, t(99) 1.984.
  EXPECT_NEAR(found.ci95->low, 10 - 1.984 / std::sqrt(99), 1e-3);
  EXPECT_FALSE(estimate({.blocks = {{1}, {2}, {3}, {4}, {5}, {6}}}, Stat::mean).ci95.has_value());
}

TEST(Blocks, WhatWasSeenHasNoInterval) {
  const BlockedSeries series = of({3, 5, 1, 6, 2, 4});
  EXPECT_EQ(*estimate(series, Stat::min).value, 1);
  EXPECT_EQ(*estimate(series, Stat::max).value, 6);
  EXPECT_EQ(*estimate(series, Stat::count).value, 6);
  EXPECT_EQ(*estimate(BlockedSeries{}, Stat::count).value, 0);
  for (const Stat stat : {Stat::min, Stat::max, Stat::count}) {
    EXPECT_FALSE(estimate(series, stat).ci95.has_value());
    EXPECT_NE(estimate(series, stat).why, "");
  }
}

TEST(Blocks, EveryStatisticHasAName) {
  EXPECT_EQ(name(Stat::median), "median");
  EXPECT_EQ(name(Stat::count), "count");
  EXPECT_EQ(enum_names(Stat{}).size(), static_cast<std::size_t>(Stat::count) + 1);
}

TEST(Blocks, AHundredThousandAreNoTrouble) {
  Draws values;
  for (std::uint32_t i = 0; i < 100000; ++i) values.push_back(i * 2654435761u >> 8);
  const Estimate found = estimate(of(values), Stat::median);
  EXPECT_EQ(found.units * found.merged, 100000);
  EXPECT_LT(*relative_half_width(found), 0.05);
}

}  // namespace
}  // namespace assay::blocks_tests
