// SPDX-License-Identifier: Apache-2.0
#include "inspect/largest.h"

#include <gtest/gtest.h>

#include <set>

namespace assay::largest_tests {
namespace {

/// Counts the different values that were asked for: each is a plan.
struct Asked {
  std::set<std::int64_t> values;
  std::int64_t largest(const BytesAt& bytes_at, const ValueRange& range, std::int64_t fixed,
                       std::int64_t room) {
    values.clear();
    const BytesAt counted = [&](std::int64_t value) {
      values.insert(value);
      return bytes_at(value);
    };
    return largest_that_fits(counted, range, fixed, room);
  }
};

TEST(Largest, IsFoundOnALineWithThreeQuestions) {
  Asked asked;
  const BytesAt line = [](std::int64_t v) { return 1000 + 7 * v; };
  EXPECT_EQ(asked.largest(line, {.least = 1, .most = 65536, .start = 8}, 1000, 1000 + 7 * 300 + 6), 300);
  EXPECT_LE(asked.values.size(), 3u) << "where it starts, the answer, and the one behind it";
  EXPECT_TRUE(asked.values.contains(300));
  EXPECT_TRUE(asked.values.contains(301));
}

TEST(Largest, IsExactWhereMemoryIsNoLine) {
  const BytesAt steps = [](std::int64_t v) { return 500 + (v + 15) / 16 * 1600 + v * v / 64; };
  for (const std::int64_t room : {499, 500, 2099, 2100, 2101, 50'000, 1'000'000, 77'777'777}) {
    Asked asked;
    const std::int64_t found = asked.largest(steps, {.least = 1, .most = 1 << 20, .start = 512}, 500, room);
    EXPECT_TRUE(found == 0 || *steps(found) <= room) << room;
    EXPECT_GT(*steps(found + 1), room);
    EXPECT_LE(asked.values.size(), 16u) << room;
  }
}

TEST(Largest, EndsAtTheRangeAndAtWhatIsRefused) {
  const BytesAt small = [](std::int64_t v) { return v; };
  EXPECT_EQ(largest_that_fits(small, {.least = 1, .most = 100, .start = 1}, 0, 1 << 20), 100);
  const BytesAt refusing = [](std::int64_t v) { return v <= 77 ? std::optional(v) : std::nullopt; };
  EXPECT_EQ(largest_that_fits(refusing, {.least = 1, .most = 1 << 20, .start = 1}, 0, 1 << 20), 77);
  EXPECT_EQ(largest_that_fits(refusing, {.least = 1, .most = 1 << 20, .start = 4000}, 0, 1 << 20), 77);
}

TEST(Largest, IsBelowTheRangeWhereNothingFits) {
  const BytesAt large = [](std::int64_t v) { return 1000 + v; };
  EXPECT_EQ(largest_that_fits(large, {.least = 1, .most = 100, .start = 50}, 1000, 999), 0);
  EXPECT_EQ(largest_that_fits(large, {.least = 1, .most = 100, .start = 50}, 1000, 1000), 0);
}

TEST(Largest, AsksForRoundLimitsWithFewThatAreAccepted) {
  for (const std::int64_t limit : {1, 2, 1024, 40960, 131072, 163840, 999}) {
    int accepted = 0;
    const auto accepts = [&](std::int64_t v) {
      accepted += v <= limit ? 1 : 0;
      return v <= limit;
    };
    EXPECT_EQ(largest_accepted(accepts, (1 << 20) + 1), limit);
    EXPECT_TRUE(limit % 1024 != 0 || accepted <= 2) << limit;
    EXPECT_EQ(largest_accepted(accepts, 1), 1);
  }
  EXPECT_EQ(largest_accepted([](std::int64_t) { return false; }, 100), 0);
}

}  // namespace
}  // namespace assay::largest_tests
