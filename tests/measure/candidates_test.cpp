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

}  // namespace
}  // namespace assay::candidates_tests
