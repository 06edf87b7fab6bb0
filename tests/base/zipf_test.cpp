// SPDX-License-Identifier: Apache-2.0
#include "base/zipf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace assay::zipf_tests {
namespace {

/// Sum of k^-skew over all of 1 ... limit, term by term.
double straight_sum(std::int64_t limit, double skew) {
  double sum = 0;
  for (std::int64_t k = limit; k >= 1; --k) sum += std::pow(static_cast<double>(k), -skew);
  return sum;
}

TEST(ZipfLaw, IsThePowerOfTheRankOverTheSumOfAll) {
  for (const double skew : {0.0, 0.5, 1.0, 1.05, 2.0, 4.0})
    for (const std::int64_t limit : {1, 2, 10, 1000, 2048, 2049, 1'000'003}) {
      const ZipfLaw law(limit, skew);
      const double sum = straight_sum(limit, skew);
      for (const std::int64_t rank : {std::int64_t{0}, limit / 3, limit - 1})
        EXPECT_NEAR(law.probability(rank) * sum / std::pow(static_cast<double>(rank + 1), -skew), 1, 1e-10)
            << skew << " " << limit;
      EXPECT_EQ(law.probability(limit), 0);
      EXPECT_NEAR(law.share_of_first(limit), 1, 1e-12);
      EXPECT_NEAR(law.share_of_first(limit / 2) * sum, straight_sum(limit / 2, skew), 1e-10 * sum);
    }
}

// 1 + 1/2 + 1/3 + 1/4 = 25/12.
TEST(ZipfLaw, CanBeCountedByHand) {
  const ZipfLaw law(4, 1);
  EXPECT_DOUBLE_EQ(law.probability(0), 12.0 / 25);
  EXPECT_DOUBLE_EQ(law.probability(3), 3.0 / 25);
  EXPECT_DOUBLE_EQ(law.share_of_first(2), 18.0 / 25);
  EXPECT_DOUBLE_EQ(law.expected_distinct(1), 1);
  // 1 - (1 - p)^2 of each.
  EXPECT_NEAR(law.expected_distinct(2), 4 - (13 * 13 + 19 * 19 + 21 * 21 + 22 * 22) / 625.0, 1e-12);
}

TEST(ZipfLaw, RefusesWhatIsNoLaw) {
  EXPECT_THROW(ZipfLaw(0, 1), std::logic_error);
  EXPECT_THROW(ZipfLaw((std::int64_t{1} << 31) + 1, 1), std::logic_error);
  EXPECT_THROW(ZipfLaw(10, -0.1), std::logic_error);
  EXPECT_THROW(ZipfLaw(10, NAN), std::logic_error);
}

/// The probabilities that the columns and cuts of a table amount to, a bucket.
std::vector<double> bucket_shares(const ZipfTable& table) {
  std::vector<double> shares(kZipfColumns);
  for (std::size_t c = 0; c < kZipfColumns; ++c) {
    shares[c] += table.columns[c].cut * 0x1p-32;
    shares[table.columns[c].other] += ((1u << kZipfCutBits) - table.columns[c].cut) * 0x1p-32;
  }
  return shares;
}

TEST(ZipfTable, GivesEachBucketItsShareToTheLastBit) {
  for (const double skew : {0.0, 0.5, 1.0, 1.05, 2.0, 4.0})
    for (const std::int64_t limit :
         {std::int64_t{1}, std::int64_t{10}, std::int64_t{10'000'000}, std::int64_t{1} << 31}) {
      const ZipfLaw law(limit, skew);
      const auto table = std::make_unique<ZipfTable>(law.table());
      const std::vector<double> shares = bucket_shares(*table);
      std::int64_t next = 0;
      for (std::size_t b = 0; next < limit; ++b) {
        const ZipfBucket& bucket = table->buckets[b];
        ASSERT_EQ(bucket.first, next);
        next += bucket.width;
        ASSERT_NEAR(shares[b], law.share_of_first(next) - law.share_of_first(bucket.first), 0x1.01p-32)
            << skew << " " << limit << " bucket " << b;
      }
      EXPECT_EQ(next, limit);
    }
}

/// Within a bucket: all places a word can fall on, against the law.
TEST(ZipfTable, FollowsTheLawWithinABucket) {
  for (const double skew : {0.5, 1.0, 2.0}) {
    const ZipfLaw law(10'000'000, skew);
    const auto table = std::make_unique<ZipfTable>(law.table());
    std::size_t b = 0;
    while (table->buckets[b].width < 100) ++b;
    const ZipfBucket bucket = table->buckets[b];
    ZipfTable one = *table;
    for (ZipfColumn& column : one.columns) column = {0, static_cast<std::uint32_t>(b)};
    std::vector<double> share(bucket.width);
    constexpr std::uint32_t kStep = 1021;
    for (std::uint64_t fine = 0; fine < std::uint64_t{1} << 32; fine += kStep)
      share[zipf_rank(one, 0, static_cast<std::uint32_t>(fine)) - bucket.first] += kStep * 0x1p-32;
    const double all = law.share_of_first(bucket.first + bucket.width) - law.share_of_first(bucket.first);
    for (std::uint32_t i = 0; i < bucket.width; ++i) {
      ASSERT_NEAR(share[i] / (law.probability(bucket.first + i) / all), 1, 1e-4) << skew << " " << i;
    }
  }
}

/// Chi-square of drawn ranks against the law. Ranks are cells while 20 are expected of each, then runs of
/// ranks of that many; the last may have fewer. The statistic is about normal with mean n - 1 and variance 2
/// (n - 1).
TEST(ZipfTable, DrawsWhatTheLawSays) {
  constexpr std::int64_t kDraws = 5'000'000;
  for (const double skew : {0.0, 0.5, 1.0, 1.05, 2.0})
    for (const std::int64_t limit : {10, 1000, 10'000'000}) {
      const ZipfLaw law(limit, skew);
      const auto table = std::make_unique<ZipfTable>(law.table());
      std::vector<std::int32_t> drawn(static_cast<std::size_t>(limit));
      for (std::uint64_t i = 0; i < kDraws / 2; ++i) {
        const PhiloxBlock block = philox(random_key(1, "ids"), i);
        for (const int half : {0, 2}) {
          const std::uint32_t rank = zipf_rank(*table, block.word[half], block.word[half + 1]);
          ASSERT_LT(rank, limit);
          ++drawn[rank];
        }
      }
      double chi = 0, cells = 0, expected = 0, got = 0;
      for (std::int64_t rank = 0; rank < limit; ++rank) {
        expected += law.probability(rank) * kDraws;
        got += drawn[static_cast<std::size_t>(rank)];
        if (expected < 20 && rank + 1 < limit) continue;
        chi += (got - expected) * (got - expected) / expected;
        ++cells;
        expected = got = 0;
      }
      EXPECT_LT(std::abs(chi - (cells - 1)), 4 * std::sqrt(2 * cells))
          << skew << " " << limit << ": " << chi << " of " << cells;
    }
}

TEST(Scatter, IsABijectionOfEverySize) {
  for (const std::int64_t limit : {1, 2, 3, 5, 8, 10, 97, 1024, 1025, 65'537})
    for (std::uint64_t key = 0; key < 5; ++key) {
      const Scatter scatter = scatter_of(key, limit);
      std::vector<bool> seen(static_cast<std::size_t>(limit));
      for (std::int64_t i = 0; i < limit; ++i) {
        const std::uint32_t row = scattered(scatter, static_cast<std::uint32_t>(i));
        ASSERT_LT(row, limit);
        ASSERT_FALSE(seen[row]) << limit << " key " << key;
        seen[row] = true;
      }
    }
}

TEST(Scatter, LeavesNoNeighboursTogetherAndReachesTwoToThe31) {
  const Scatter scatter = scatter_of(3, std::int64_t{1} << 31);
  int near = 0, upper = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto row = static_cast<std::int64_t>(scattered(scatter, i));
    near += std::abs(row - static_cast<std::int64_t>(scattered(scatter, i + 1))) < 1024 ? 1 : 0;
    upper += row >= std::int64_t{1} << 30 ? 1 : 0;
  }
  EXPECT_LE(near, 1);  // 0.01 are expected by chance
  EXPECT_NEAR(upper, 5000, 5 * 50);
}

}  // namespace
}  // namespace assay::zipf_tests
