// SPDX-License-Identifier: Apache-2.0
#include "workloads/row_popularity.h"

#include <gtest/gtest.h>

#include <vector>

namespace assay::row_popularity_tests {
namespace {

TEST(RowPopularity, IsAShareOfTheRowsWhereAllAreAlike) {
  const RowPopularity one(std::vector<std::int64_t>{1000}, std::vector<std::int64_t>{3}, 0);
  EXPECT_EQ(one.share_of_best(0), 0);
  EXPECT_NEAR(one.share_of_best(250), 0.25, 1e-9);
  EXPECT_NEAR(one.share_of_best(1000), 1, 1e-9);
  EXPECT_NEAR(one.share_of_best(1 << 30), 1, 1e-9);
}

// Skew 1 on 3 rows: 6/11, 3/11, 2/11 of the draws.
TEST(RowPopularity, TakesTheMostPopularRowsOfOneTableFirst) {
  const RowPopularity one(std::vector<std::int64_t>{3}, std::vector<std::int64_t>{1}, 1);
  EXPECT_NEAR(one.share_of_best(1), 6.0 / 11, 1e-9);
  EXPECT_NEAR(one.share_of_best(2), 9.0 / 11, 1e-9);
}

// A uniform table of 10 rows at 10 lookups (1 a row), and one of 100 at 1 (0.01 a row): the small one goes
// first.
TEST(RowPopularity, PrefersTheTableWhoseRowsAreLookedUpMore) {
  const RowPopularity two(std::vector<std::int64_t>{100, 10}, std::vector<std::int64_t>{1, 10}, 0);
  EXPECT_NEAR(two.share_of_best(5), 5.0 / 11, 1e-9);
  EXPECT_NEAR(two.share_of_best(10), 10.0 / 11, 1e-9);
  EXPECT_NEAR(two.share_of_best(60), 10.5 / 11, 1e-9);
}

// 2 lookups at 6/11, 3/11, 2/11, and 1 lookup at 2/3, 1/3: rates 1.09, 0.67, 0.55, 0.36, 0.33.
TEST(RowPopularity, MixesRowsOfSkewedTablesByTheirRate) {
  const RowPopularity two(std::vector<std::int64_t>{3, 2}, std::vector<std::int64_t>{2, 1}, 1);
  EXPECT_NEAR(two.share_of_best(1), 12.0 / 11 / 3, 1e-9);
  EXPECT_NEAR(two.share_of_best(2), (12.0 / 11 + 2.0 / 3) / 3, 1e-9);
  EXPECT_NEAR(two.share_of_best(3), (18.0 / 11 + 2.0 / 3) / 3, 1e-9);
}

}  // namespace
}  // namespace assay::row_popularity_tests
