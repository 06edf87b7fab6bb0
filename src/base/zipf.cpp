// SPDX-License-Identifier: Apache-2.0
#include "base/zipf.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace assay {
namespace {

constexpr std::int64_t kMostRanks = std::int64_t{1} << 31;
constexpr double kSteepest = 16;
constexpr std::uint64_t kColumn = std::uint64_t{1} << kZipfCutBits;  // what a column holds, in 2^-32

/// Ranks in buckets of a `share`th of their first rank; as many buckets as a table has, and one more where
/// they do not suffice.
std::vector<ZipfBucket> buckets_of(std::int64_t limit, std::int64_t share) {
  std::vector<ZipfBucket> buckets;
  for (std::int64_t first = 0; first < limit && buckets.size() <= kZipfColumns;) {
    const std::int64_t width = std::min(std::max<std::int64_t>(1, first / share), limit - first);
    buckets.push_back(
        {.first = static_cast<std::uint32_t>(first), .width = static_cast<std::uint32_t>(width)});
    first += width;
  }
  return buckets;
}

/// The finest that fit.
std::vector<ZipfBucket> finest_buckets(std::int64_t limit) {
  std::int64_t fits = 1, fails = kMostRanks;
  while (fails - fits > 1) {
    const std::int64_t middle = fits + (fails - fits) / 2;
    (buckets_of(limit, middle).size() <= kZipfColumns ? fits : fails) = middle;
  }
  return buckets_of(limit, fits);
}

/// Weights as whole numbers that add up to 2^32: the largest remainders are rounded up.
std::vector<std::uint64_t> shares_of(const std::vector<double>& weights, double total) {
  std::vector<std::uint64_t> shares;
  std::vector<double> rest;
  std::uint64_t given = 0;
  for (const double weight : weights) {
    const double exact = weight / total * 0x1p32;
    shares.push_back(static_cast<std::uint64_t>(exact));
    rest.push_back(exact - std::floor(exact));
    given += shares.back();
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return rest[i]; });
  for (std::size_t i = 0; given < std::uint64_t{1} << 32; ++given, ++i) ++shares[order[i % order.size()]];
  while (given > std::uint64_t{1} << 32) {  // one rank of 2: 1 / 1 may have become a little more
    --*std::ranges::max_element(shares);
    --given;
  }
  return shares;
}

}  // namespace

ZipfLaw::ZipfLaw(std::int64_t limit, double skew) : limit_(limit), skew_(skew) {
  if (limit < 1 || limit > kMostRanks) throw std::logic_error("zipf: a limit of " + std::to_string(limit));
  if (!(skew >= 0 && skew <= kSteepest)) throw std::logic_error("zipf: a skew of " + std::to_string(skew));
  buckets_ = finest_buckets(limit);
  for (ZipfBucket& bucket : buckets_) {
    const double centre = bucket.first + (bucket.width + 1) / 2.0;
    if (bucket.width > 1) bucket.slope = std::llround(std::ldexp(skew / centre, 62));
    weights_.push_back(weight_of(bucket.first, bucket.width));
  }
  // From the small to the large.
  total_ = std::accumulate(weights_.rbegin(), weights_.rend(), 0.0);
}

/// Sum of k^-skew over `width` numbers from first + 1: Taylor's series around their centre, whose even
/// moments are those of the discrete uniform distribution. The next term is below 1e-12 of the sum where
/// width < centre / 100, and a bucket is narrower.
double ZipfLaw::weight_of(std::int64_t first, std::int64_t width) const {
  const double centre = static_cast<double>(first) + static_cast<double>(width + 1) / 2;
  const double w2 = static_cast<double>(width) * static_cast<double>(width), s = skew_;
  const double second = (w2 - 1) / 12, fourth = (w2 - 1) * (3 * w2 - 7) / 240;
  const double c2 = centre * centre;
  const double bend =
      s * (s + 1) / 2 * second / c2 + s * (s + 1) * (s + 2) * (s + 3) / 24 * fourth / (c2 * c2);
  return static_cast<double>(width) * std::pow(centre, -s) * (1 + bend);
}

double ZipfLaw::probability(std::int64_t rank) const {
  if (rank < 0 || rank >= limit_) return 0;
  return std::pow(static_cast<double>(rank + 1), -skew_) / total_;
}

double ZipfLaw::share_of_first(std::int64_t ranks) const {
  double weight = 0;
  for (std::size_t b = 0; b < buckets_.size() && buckets_[b].first < ranks; ++b) {
    const std::int64_t wanted = ranks - buckets_[b].first;
    weight += wanted >= buckets_[b].width ? weights_[b] : weight_of(buckets_[b].first, wanted);
  }
  return weight / total_;
}

double ZipfLaw::expected_distinct(std::int64_t draws) const {
  double distinct = 0;
  for (std::size_t b = 0; b < buckets_.size(); ++b) {
    const double each = weights_[b] / total_ / buckets_[b].width;
    const double missed = each < 1 ? static_cast<double>(draws) * std::log1p(-each) : -HUGE_VAL;
    if (draws > 0) distinct += buckets_[b].width * -std::expm1(missed);
  }
  return distinct;
}

// Vose's way to fill the columns ("A Linear Algorithm for Generating Random Numbers with a Given
// Distribution", IEEE TSE 17, 1991), on whole numbers: what a table draws is exactly what the shares say.
ZipfTable ZipfLaw::table() const {
  ZipfTable table = {};
  std::ranges::copy(buckets_, table.buckets);
  std::vector<std::uint64_t> left = shares_of(weights_, total_);
  left.resize(kZipfColumns, 0);
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < kZipfColumns; ++i) (left[i] < kColumn ? small : large).push_back(i);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t less = small.back(), more = large.back();
    small.pop_back();
    table.columns[less] = {static_cast<std::uint32_t>(left[less]), more};
    left[more] -= kColumn - left[less];
    if (left[more] < kColumn) {
      large.pop_back();
      small.push_back(more);
    }
  }
  for (const std::uint32_t full : large) table.columns[full] = {static_cast<std::uint32_t>(kColumn), full};
  if (!small.empty()) throw std::logic_error("zipf: the shares do not fill the table");
  return table;
}

}  // namespace assay
