// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace assay::random_tests {
namespace {

// Known answers of philox4x32-10 from the authors' distribution (Random123, kat_vectors), for the 128-bit
// counters whose upper half is zero.
TEST(Philox, GivesTheKnownAnswers) {
  const PhiloxBlock zero = philox(0, 0);
  EXPECT_EQ(zero.word[0], 0x6627e8d5u);
  EXPECT_EQ(zero.word[1], 0xe169c58du);
  EXPECT_EQ(zero.word[2], 0xbc57ac4cu);
  EXPECT_EQ(zero.word[3], 0x9b00dbd8u);
}

TEST(Random, DependsOnSeedAndName) {
  EXPECT_NE(random_key(1, "layers.0.qkv"), random_key(1, "layers.1.qkv"));
  EXPECT_NE(random_key(1, "layers.0.qkv"), random_key(2, "layers.0.qkv"));
  static_assert(random_key(1, "x") == random_key(1, "x"));
}

// 100 000 draws: the mean is within 5 / sqrt(n) standard deviations, the variance within 5 sqrt(2 / n).
TEST(Random, NormalElementsHaveTheirMeanAndDeviation) {
  constexpr int kDraws = 100000;
  const std::uint64_t key = random_key(1, "w");
  double sum = 0, sum_sq = 0, largest = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = normal_element(key, static_cast<std::uint64_t>(i), 3, normal_scale(0.5));
    sum += x;
    sum_sq += (x - 3) * (x - 3);
    largest = std::max(largest, std::abs(x - 3));
  }
  EXPECT_NEAR(sum / kDraws, 3, 0.5 * 5 / std::sqrt(kDraws));
  EXPECT_NEAR(sum_sq / kDraws, 0.25, 0.25 * 5 * std::sqrt(2.0 / kDraws));
  EXPECT_LE(largest, 0.5 * 3.47);  // four uniforms reach no further
}

TEST(Random, IndicesStayBelowTheLimitAndReachAll) {
  std::vector<int> seen(10);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::int32_t index = index_element(random_key(1, "ids"), i, 10);
    ASSERT_GE(index, 0);
    ASSERT_LT(index, 10);
    ++seen[static_cast<std::size_t>(index)];
  }
  for (const int count : seen) EXPECT_GT(count, 50);  // 100 expected, 5 deviations of 9.5
}

TEST(Random, UniformsStayBelowOne) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const float u = uniform_element(random_key(1, "sample"), i);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 5 * 0.289 / 100);
}

TEST(Random, PermutationsHoldEachIndexOnce) {
  for (const std::uint64_t count : {1u, 2u, 3u, 4u, 5u, 12u, 97u, 1024u})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Permutation permutation = permutation_of(random_key(seed, "block_table"), count);
      std::vector<bool> seen(count);
      for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(permutation_element(permutation, i));
        ASSERT_LT(at, count);
        ASSERT_FALSE(seen[at]) << count << " seed " << seed;
        seen[at] = true;
      }
    }
}

TEST(Random, PermutationsOfManyBlocksAreNotInOrder) {
  const Permutation permutation = permutation_of(random_key(1, "block_table"), 64);
  int neighbours = 0;
  for (std::uint64_t i = 1; i < 64; ++i)
    neighbours += permutation_element(permutation, i) == permutation_element(permutation, i - 1) + 1;
  EXPECT_EQ(neighbours, 0);
}

}  // namespace
}  // namespace assay::random_tests
