// SPDX-License-Identifier: Apache-2.0
#include "measure/turn_order.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace assay::turn_order_tests {
namespace {

TEST(TurnOrder, IsTheSameForASeedEverywhere) {
  EXPECT_EQ(turn_order(1, 8), turn_order(1, 8));
  EXPECT_EQ(turn_order(1, 16).front(), turn_order(1, 2).front()) << "more sessions only go on";
  EXPECT_NE(turn_order(1, 64), turn_order(2, 64));
}

TEST(TurnOrder, IsBalancedInEachBlockOfFour) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto blocks = turn_order(seed, 12);
    ASSERT_EQ(blocks.size(), 6u);
    for (const std::string& block : blocks) EXPECT_TRUE(block == "abba" || block == "baab") << block;
  }
}

TEST(TurnOrder, BeginsWithEitherSideAboutAsOften) {
  const auto blocks = turn_order(7, 2000);
  const auto first_a = std::ranges::count(blocks, "abba");
  EXPECT_GT(first_a, 450);
  EXPECT_LT(first_a, 550);
}

TEST(TurnsId, IsOfNoOtherRunOfTheSameSecond) {
  const std::string id = turns_id("2026-06-01T00:00:00Z", 1);
  EXPECT_TRUE(id.starts_with("2026-06-01T00:00:00Z/1/")) << id;
  EXPECT_NE(id, turns_id("2026-06-01T00:00:00Z", 1));
}

}  // namespace
}  // namespace assay::turn_order_tests
