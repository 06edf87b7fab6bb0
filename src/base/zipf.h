// SPDX-License-Identifier: Apache-2.0
// Popularity that falls as a power of the rank: P(rank) is proportional to (rank + 1)^-skew for the ranks 0,
// 1 ... limit - 1. Skew 0 is uniform; ids of real recommenders and words of text are near 1.
//
// A draw is integer arithmetic on one table, so that the CPU and every GPU draw the same bits. Ranks fall
// into buckets: one rank each at the head, and then as many as are a small share of the rank, so that the law
// within a bucket is a straight line to about (skew (skew + 1) / 8) (width / rank)^2. Walker's alias method
// ("An Efficient Method for Generating Discrete Random Variables", ACM TOMS 3, 1977) chooses the bucket: a
// column, and by its cut the column's own bucket or another. Within it a rank is drawn evenly, and kept or
// exchanged for its mirror image, the more often kept the likelier it is than its image: the two make up one
// weight however the line falls, so nothing is ever rejected.
//
// A bucket's probability is a multiple of 2^-32. The table is made on the host with pow(): a host with
// another mathematical library may round one in some billion draws to the next bucket.
#pragma once

#include <cstdint>
#include <vector>

#include "base/host_device.h"

namespace assay {

inline constexpr int kZipfCutBits = 21;
inline constexpr std::size_t kZipfColumns = std::size_t{1} << (32 - kZipfCutBits);

struct ZipfColumn {
  std::uint32_t cut;    // of 2^kZipfCutBits: below it the column's own bucket is meant
  std::uint32_t other;  // bucket
};
struct ZipfBucket {
  std::uint32_t first = 0, width = 1;  // ranks
  std::int64_t slope = 0;              // half of what a rank's weight lies above the next one's, in 2^-63
};
/// Plain data, so that a device can have a copy.
struct ZipfTable {
  ZipfColumn columns[kZipfColumns];
  ZipfBucket buckets[kZipfColumns];
};

/// The rank that two random words draw.
ASSAY_HOST_DEVICE inline std::uint32_t zipf_rank(const ZipfTable& table, std::uint32_t coarse,
                                                 std::uint32_t fine) {
  // Masks instead of branches, which no processor could guess.
  const std::uint32_t own = coarse >> kZipfCutBits;
  const ZipfColumn column = table.columns[own];
  const std::uint32_t beyond = 0u - ((coarse & ((1u << kZipfCutBits) - 1)) >= column.cut ? 1u : 0u);
  const ZipfBucket bucket = table.buckets[own ^ ((own ^ column.other) & beyond)];
  const std::uint64_t place = std::uint64_t{fine} * bucket.width;
  const auto at = static_cast<std::uint32_t>(place >> 32), mirrored = bucket.width - 1 - at;
  const std::int64_t ahead = static_cast<std::int64_t>(mirrored) - static_cast<std::int64_t>(at);
  const std::int64_t keep = (std::int64_t{1} << 31) + ((bucket.slope * ahead) >> 32);
  const std::uint32_t turned = 0u - (static_cast<std::int64_t>(place & 0xffffffffu) >= keep ? 1u : 0u);
  return bucket.first + (at ^ ((at ^ mirrored) & turned));
}

/// The law itself, in double.
class ZipfLaw {
 public:
  /// Error(logic) unless 1 <= limit <= 2^31 and 0 <= skew <= 16.
  ZipfLaw(std::int64_t limit, double skew);

  double probability(std::int64_t rank) const;
  /// Share of draws that fall on the `ranks` most popular: what a cache that holds them serves.
  double share_of_first(std::int64_t ranks) const;
  /// How many different ranks some draws are expected to touch.
  double expected_distinct(std::int64_t draws) const;

  ZipfTable table() const;
  std::int64_t limit() const { return limit_; }

 private:
  double weight_of(std::int64_t first, std::int64_t width) const;

  std::int64_t limit_;
  double skew_;
  std::vector<ZipfBucket> buckets_;
  std::vector<double> weights_;  // of the buckets
  double total_ = 0;
};

}  // namespace assay
