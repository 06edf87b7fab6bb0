// SPDX-License-Identifier: Apache-2.0
#include "measure/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "support/fake_device.h"
#include "support/test_ops.h"

namespace assay::candidates_tests {
namespace {

constexpr std::array<std::size_t, 1> kWeights = {0};
constexpr std::int64_t kLarge = 1 << 19, kSmall = 1 << 10;  // elements of f32

TEST(InputSets, AreCopiesThatNoCacheHoldsWhereLaunchesOverlap) {
  FakeDevice device;
  device.overlaps = true;
  OpData data(std::make_shared<Scale>(kLarge), device, 1);
  const InputSets sets(data, device, kWeights);
  ASSERT_GT(sets.count(), 1u);
  std::set<const void*> places;
  for (std::size_t i = 0; i < sets.count(); ++i) {
    places.insert(sets[i][0].data);
    EXPECT_TRUE(std::ranges::equal(sets[i][0].as<const float>(), data.in()[0].as<const float>()));
  }
  EXPECT_EQ(places.size(), sets.count());
  EXPECT_EQ(sets[0][0].data, data.in()[0].data) << "the first is the op's own";
  const std::int64_t bytes = data.in()[0].bytes, all = static_cast<std::int64_t>(sets.count()) * bytes;
  EXPECT_GE(all, std::min(16 * bytes, 2 * device.info().cache_bytes));
}

TEST(InputSets, AreOneWhereACopyWouldTellNothing) {
  FakeDevice device;
  OpData large(std::make_shared<Scale>(kLarge), device, 1), small(std::make_shared<Scale>(kSmall), device, 1);
  EXPECT_EQ(InputSets(large, device, kWeights).count(), 1u) << "launches do not overlap";
  device.overlaps = true;
  EXPECT_EQ(InputSets(small, device, kWeights).count(), 1u) << "they are in the cache whatever is done";
  EXPECT_EQ(InputSets(large, device, {}).count(), 1u) << "nothing is a weight";
}

/// A series of one draw a round.
BlockedSeries rounds(std::initializer_list<double> seconds) {
  BlockedSeries series;
  for (const double one : seconds) series.blocks.push_back({one});
  return series;
}

TEST(OneIsFaster, AsSoonAsItWonTheLastRounds) {
  std::vector<BlockedSeries> series = {rounds({1, 1, 1, 1}), rounds({2, 2, 2, 2})};
  EXPECT_FALSE(one_is_faster(series)) << "four rounds are few";
  series = {rounds({1, 1, 1, 1, 1}), rounds({2, 2, 2, 2, 2})};
  EXPECT_TRUE(one_is_faster(series));
  series = {rounds({9, 1, 1, 1, 1, 1}), rounds({2, 2, 2, 2, 2, 2})};
  EXPECT_TRUE(one_is_faster(series)) << "what came before does not count";
}

TEST(OneIsFaster, NotWhileTheyTakeTurns) {
  EXPECT_FALSE(one_is_faster(std::vector{rounds({1, 1, 3, 1, 1}), rounds({2, 2, 2, 2, 2})}));
  EXPECT_FALSE(
      one_is_faster(std::vector{rounds({2, 2, 2, 2, 2}), rounds({3, 3, 3, 3, 3}), rounds({4, 4, 4, 4, 1})}));
}

TEST(OneIsFaster, NotWhereAnotherIsAsFast) {
  const double as_fast = 1 + 0.9 * kAsFast, slower = 1 + 1.1 * kAsFast;
  EXPECT_FALSE(
      one_is_faster(std::vector{rounds({1, 1, 1, 1, 1}), rounds({slower, slower, as_fast, slower, slower})}));
  EXPECT_TRUE(
      one_is_faster(std::vector{rounds({1, 1, 1, 1, 1}), rounds({slower, slower, slower, slower, slower})}));
}

TEST(OneIsFaster, WhereItIsAlone) {
  EXPECT_TRUE(one_is_faster(std::vector{rounds({1, 2, 3, 4, 5})})) << "there is nothing to tell it from";
}

}  // namespace
}  // namespace assay::candidates_tests
