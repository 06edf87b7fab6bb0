// SPDX-License-Identifier: Apache-2.0
#include "plan/fill_function.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "base/dtype.h"
#include "support/every_fill.h"

namespace assay::fill_function_tests {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min(),
                       kMost = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kKey = random_key(7, "ids");

TEST(FillFunction, IsExactOverAllOfI32) {
  const FillFunction cycle(Fill::cycle(1 << 30, kLeast, 4), 1 << 30, kKey);
  for (const std::int64_t i : {0, 1, 16'777'217, 536'870'911, (1 << 30) - 1}) {
    EXPECT_EQ(cycle(i), static_cast<double>(kLeast + 4 * i));
    EXPECT_EQ(stored(DType::i32, cycle(i)), static_cast<double>(kLeast + 4 * i));
  }
  EXPECT_EQ(FillFunction(Fill::constant(kMost), 1, kKey)(0), static_cast<double>(kMost));
  const FillFunction permutation(Fill::permutation(), kMost, kKey);
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{99}, kMost - 1})
    EXPECT_EQ(permutation(i),
              permutation_element(permutation_of(kKey, kMost), static_cast<std::uint64_t>(i)));
}

TEST(FillFunction, MakesTheSameIntegersInRunsAsOneByOne) {
  for (const Fill& fill : every_fill(9000)) {
    if (!is_integer(fill.kind)) continue;
    const FillFunction function(fill, 9000, kKey);
    for (const std::int64_t first : {0, 1, 2, 3, 1021}) {
      std::vector<std::int32_t> run(3001);
      function.integers(first, run);
      for (std::size_t i = 0; i < run.size(); ++i)
        ASSERT_EQ(run[i], stored(DType::i32, function(first + static_cast<std::int64_t>(i))))
            << static_cast<int>(fill.kind) << " from " << first << " element " << i;
    }
  }
}

TEST(FillFunction, RefusesWhatMakesNoSense) {
  const auto make = [](const Fill& fill, std::int64_t count) { return FillFunction(fill, count, kKey); };
  EXPECT_THROW(make(Fill::index(0), 1), std::logic_error);
  EXPECT_THROW(make(Fill::index(kMost + 2), 1), std::logic_error);
  EXPECT_THROW(make(Fill::cycle(0), 1), std::logic_error);
  EXPECT_THROW(make(Fill::cycle(1 << 30, 0, std::int64_t{1} << 40), 1), std::logic_error);
  EXPECT_THROW(make(Fill::values({1, 2}), 3), std::logic_error);
  EXPECT_THROW(make(Fill::zipf(10, -1), 1), std::logic_error);
  EXPECT_THROW(make(Fill::integers({1, 2}), 3), std::logic_error);
  EXPECT_THROW(make(Fill::bytes(std::make_shared<std::vector<std::uint8_t>>(2)), 3), std::logic_error);
  EXPECT_THROW(make(Fill::bytes(nullptr), 1), std::logic_error);
  EXPECT_THROW(make(Fill::segments({{2, 10}, {3, 10}}), 6), std::logic_error);
  EXPECT_THROW(make(Fill::segments({{2, 10}, {1, 0}}), 3), std::logic_error)
      << "a row of a table that has none";
  EXPECT_THROW(make(Fill::segments({{4, 10}, {-1, 10}}), 3), std::logic_error);
  EXPECT_THROW(make(Fill::rows_u8(0), 8), std::logic_error);
  EXPECT_NO_THROW(make(Fill::permutation(), 0));
  EXPECT_NO_THROW(make(Fill::segments({}), 0));
}

TEST(FillFunction, MakesValuesOnceAndOnlyWhenTheyAreWanted) {
  int made = 0;
  const auto two = [&made] {
    ++made;
    return std::vector<float>{1.5f, -2};
  };
  const Fill fill = Fill::values(2, two), other = fill;
  EXPECT_THROW(FillFunction(fill, 3, kKey), std::logic_error);
  EXPECT_EQ(made, 0) << "how many there are is known before";
  EXPECT_EQ(FillFunction(fill, 2, kKey)(1), -2);
  EXPECT_EQ(FillFunction(other, 2, kKey)(0), 1.5);
  EXPECT_EQ(made, 1);
  EXPECT_THROW(FillFunction(Fill::values(3, two), 3, kKey), std::logic_error) << "fewer than said";
}

TEST(FillFunction, CountsNoFurtherThanToTheLastRow) {
  EXPECT_EQ(distinct_rows(Fill::index(3), 1 << 30, kKey), 3) << "which would take seconds";
}

TEST(FillFunction, GivesEachSegmentRowsByItsOwnLaw) {
  const FillFunction function(Fill::segments({{1000, 5, 0}, {0, 9}, {3000, 100'000, 1.05, 3}, {10, 1}}), 4010,
                              kKey);
  const FillFunction alone(Fill::zipf(100'000, 1.05, 3), 4010, kKey);
  std::set<double> first;
  for (std::int64_t i = 0; i < 1000; ++i) first.insert(function(i));
  EXPECT_EQ(first, (std::set<double>{0, 1, 2, 3, 4}));
  for (std::int64_t i = 1000; i < 4000; ++i) ASSERT_EQ(function(i), alone(i)) << i;
  for (std::int64_t i = 4000; i < 4010; ++i) EXPECT_EQ(function(i), 0);
}

TEST(FillFunction, MakesRowsOfBytesWithAScaleAndABias) {
  constexpr std::int64_t kValues = 64, kWidth = kValues + 8, kRows = 200;
  const FillFunction function(Fill::rows_u8(kValues), kRows * kWidth, kKey);
  const auto tail = [&](std::int64_t at) {
    std::uint32_t bits = 0;
    for (std::int64_t i = 3; i >= 0; --i) bits = bits << 8 | static_cast<std::uint32_t>(function(at + i));
    return std::bit_cast<float>(bits);
  };
  std::set<float> scales, biases;
  double sum = 0;
  for (std::int64_t row = 0; row < kRows; ++row) {
    const float scale = tail(row * kWidth + kValues), bias = tail(row * kWidth + kValues + 4);
    EXPECT_TRUE(scale >= 1.0f / 128 && scale < 1.0f / 64 && bias <= -1 && bias > -2) << scale << " " << bias;
    scales.insert(scale);
    biases.insert(bias);
    for (std::int64_t c = 0; c < kValues; ++c)
      sum += function(row * kWidth + c) * double{scale} + double{bias};
  }
  EXPECT_EQ(scales.size(), 200u);
  EXPECT_EQ(biases.size(), 200u);
  EXPECT_NEAR(sum / (kRows * kValues), 0, 0.1);
}

/// How often each row of a zipf fill stands among its elements.
std::vector<int> counts_of(const Fill& fill, std::int64_t elements, std::uint64_t key) {
  std::vector<int> counts(static_cast<std::size_t>(fill.limit));
  const FillFunction function(fill, elements, key);
  for (std::int64_t i = 0; i < elements; ++i) ++counts[static_cast<std::size_t>(function(i))];
  return counts;
}
std::size_t most_popular(const std::vector<int>& counts) {
  return static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
}

TEST(FillFunction, KeepsThePopularRowsWhereOnlyTheKeyChanges) {
  const Fill fill = Fill::zipf(100'000, 1.05), other = Fill::zipf(100'000, 1.05, 1);
  const auto first = counts_of(fill, 100'000, 1), second = counts_of(fill, 100'000, 2);
  EXPECT_NE(first, second);
  EXPECT_EQ(most_popular(first), most_popular(second));
  EXPECT_NE(most_popular(first), most_popular(counts_of(other, 100'000, 1)));
  const double expected = ZipfLaw(100'000, 1.05).probability(0) * 100'000;
  EXPECT_NEAR(first[most_popular(first)], expected, 5 * std::sqrt(expected));
}

TEST(FillFunction, DoesNotPutThePopularRowsSideBySide) {
  const FillFunction function(Fill::zipf(1'000'000, 2), 1000, kKey);
  std::set<std::int64_t> rows;
  for (std::int64_t i = 0; i < 1000; ++i) rows.insert(static_cast<std::int64_t>(function(i)));
  int neighbours = 0;
  for (const std::int64_t row : rows) neighbours += rows.contains(row + 1) ? 1 : 0;
  EXPECT_LT(rows.size(), 100u);  // a few rows take nearly all
  EXPECT_LE(neighbours, 1);
}

/// By a set, as anybody would count.
std::int64_t counted(const Fill& fill, std::int64_t count) {
  const FillFunction function(fill, count, kKey);
  std::set<std::pair<std::int64_t, double>> rows;  // of a segment
  for (std::int64_t i = 0; i < count; ++i)
    rows.emplace(fill.parts != nullptr ? segment_of(function.rule(), i) : 0, function(i));
  return static_cast<std::int64_t>(rows.size());
}

TEST(DistinctRows, AreThoseThatTheFillNames) {
  for (const std::int64_t count : {1, 10, 5000})
    for (const Fill& fill : every_fill(count)) {
      if (!is_integer(fill.kind)) continue;
      EXPECT_EQ(distinct_rows(fill, count, kKey), counted(fill, count)) << static_cast<int>(fill.kind);
    }
  EXPECT_EQ(distinct_rows(Fill::index(10), 0, kKey), 0);
  EXPECT_THROW(distinct_rows(Fill::normal(), 10, kKey), std::logic_error);
}

// The spread of the count is below the square root of its mean.
TEST(DistinctRows, AreAboutAsManyAsTheLawExpects) {
  for (const double skew : {0.0, 1.05, 2.0})
    for (const std::int64_t limit : {1000, 1'000'000, 100'000'000}) {
      const double expected = ZipfLaw(limit, skew).expected_distinct(200'000);
      EXPECT_NEAR(static_cast<double>(distinct_rows(Fill::zipf(limit, skew), 200'000, kKey)), expected,
                  5 * std::sqrt(expected))
          << skew << " " << limit;
    }
}

}  // namespace
}  // namespace assay::fill_function_tests
