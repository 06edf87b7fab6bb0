// SPDX-License-Identifier: Apache-2.0
#include "gate/redraw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "statistics/shift.h"

namespace assay::redraw_tests {
namespace {

/// Pairs of six blocks of two turns a side: sessions scatter by `session`, and sides by `side` beyond that.
Recording pairs(int count, double session, double side, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Recording all;
  all.turns = true;
  all.sessions = 12;
  all.figures.push_back({.case_id = "a", .device = "cpu", .metric = "latency_s"});
  for (int p = 0; p < count; ++p) {
    const double apart = side * normal(random);
    std::vector<Stratum> blocks(6);
    for (Stratum& block : blocks)
      for (int i = 0; i < 2; ++i) {
        block.base.push_back(session * normal(random));
        block.other.push_back(apart + session * normal(random));
      }
    all.pairs.push_back({blocks});
  }
  return all;
}

double deviation_of_pairs(const Recording& recording) {
  ShiftTest test;
  double squares = 0;
  for (const AaPair& pair : recording.pairs) squares += std::pow(test(pair[0]).value, 2);
  return std::sqrt(squares / static_cast<double>(recording.pairs.size()));
}

double deviation_of_suites(const Recording& recording) {
  ShiftTest test;
  Dice dice(3);
  double squares = 0;
  constexpr int kSuites = 8000;
  for (int i = 0; i < kSuites; ++i) squares += std::pow(test(redrawn(recording, dice)[0]).value, 2);
  return std::sqrt(squares / kSuites);
}

TEST(Redraw, SuitesScatterAsThePairsThatTheyAreDrawnFrom) {
  for (const double side : {0.0, 0.01}) {
    const Recording recording = pairs(60, 0.02, side, 5);
    ShiftTest test;
    const double of_pairs = std::max(deviation_of_pairs(recording), relabelled_deviation(recording, 0, test));
    EXPECT_GT(deviation_of_suites(recording), 1.15 * of_pairs) << "as they are they scatter by more";
    EXPECT_NEAR(deviation_of_suites(as_scattered_as_pairs(recording)), of_pairs, 0.06 * of_pairs) << side;
  }
}

TEST(Redraw, SuitesScatterNoLessThanTurnsDo) {
  Recording recording = pairs(60, 0.02, 0, 6);
  ShiftTest test;
  for (AaPair& pair : recording.pairs) {  // as if by chance no pair lay apart
    const double shift = test(pair[0]).value;
    for (Stratum& block : pair[0])
      for (double& cost : block.other) cost -= shift;
  }
  const double of_turns = relabelled_deviation(recording, 0, test);
  EXPECT_GT(deviation_of_suites(as_scattered_as_pairs(recording)), 0.85 * of_turns);
}

TEST(Redraw, RelabelledTurnsScatterAsPairsWithoutADifferenceDo) {
  ShiftTest test;
  const Recording many = pairs(400, 0.02, 0, 7);
  EXPECT_NEAR(relabelled_deviation(many, 0, test), deviation_of_pairs(many), 0.1 * deviation_of_pairs(many));
}

TEST(NoiseOf, TakesManyTurnsForManyWherePairsLieNoFurtherApart) {
  const Noise of_turns = noise_of(pairs(12, 0.02, 0, 8)).at(0);
  EXPECT_EQ(of_turns.degrees, 12 * 6);
  EXPECT_NEAR(of_turns.deviation, 0.0086, 0.0015);  // of the median of differences within blocks
  const Noise of_pairs = noise_of(pairs(12, 0.02, 0.03, 8)).at(0);
  EXPECT_EQ(of_pairs.degrees, 12);
  EXPECT_GT(of_pairs.deviation, 0.02);
}

}  // namespace
}  // namespace assay::redraw_tests
