// SPDX-License-Identifier: Apache-2.0
// Draws from a distribution over a large vocabulary without sorting it. Tokens fall into buckets of almost
// equal logits, the likeliest first; sums over buckets say in which one an edge (top_k, top_p, the draw
// itself) lies, and only the tokens of that bucket are sorted.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/elements_cpu.h"

namespace assay::cpu {

/// Bucket b holds the scores (logit / temperature) from b / kPerUnit to (b + 1) / kPerUnit below the largest.
/// The last holds all beyond 40 below: e^-40 of the likeliest, less than a draw with 24 bits can tell from
/// nothing.
struct Bucket {
  static constexpr std::int64_t kCount = 4096;
  static constexpr float kPerUnit = static_cast<float>(kCount) / 40;

  double mass = 0;  // sum of e^(score - largest score)
  std::int64_t count = 0;
};

template <typename T>
class Draw {
 public:
  /// `bucket_of`: of each token. `sorted`: capacity for all tokens.
  Draw(const T* logits, float largest, float temperature, std::span<const std::uint16_t> bucket_of,
       std::span<const Bucket> buckets, std::vector<std::uint64_t>& sorted)
      : logits_(logits),
        largest_(largest),
        temperature_(temperature),
        bucket_of_(bucket_of),
        buckets_(buckets),
        sorted_(sorted) {
    for (const Bucket& bucket : buckets) end_.mass += bucket.mass;
    end_ = {Bucket::kCount - 1, static_cast<std::int64_t>(bucket_of.size()), end_.mass};
  }

  std::int32_t token(std::int64_t top_k, float top_p, float u) {
    if (top_k > 0 && top_k < static_cast<std::int64_t>(bucket_of_.size())) keep_top_k(top_k);
    if (top_p < 1) end_ = reach(top_p * end_.mass, false);
    reach(u * end_.mass, true);
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(chosen_));
  }

 private:
  /// The end of the tokens kept: the first `rank` of `bucket` and all before it, and what they weigh.
  struct End {
    std::int64_t bucket = 0, rank = 0;
    double mass = 0;
  };

  void keep_top_k(std::int64_t top_k) {
    End end;
    for (; top_k > buckets_[at(end.bucket)].count && end.bucket < Bucket::kCount - 1; ++end.bucket) {
      top_k -= buckets_[at(end.bucket)].count;
      end.mass += buckets_[at(end.bucket)].mass;
    }
    if (end.bucket == Bucket::kCount - 1) return;  // what the edge cuts off weighs nothing
    sort(end.bucket);
    for (; end.rank < top_k; ++end.rank) end.mass += weight(sorted_[at(end.rank)]);
    end_ = end;
  }

  /// The shortest beginning of the tokens kept that weighs at least `target` (`beyond`: more than it).
  End reach(double target, bool beyond) {
    const auto there = [&](double mass) { return beyond ? mass > target : mass >= target; };
    End end;
    for (; end.bucket < end_.bucket && !there(end.mass + buckets_[at(end.bucket)].mass); ++end.bucket)
      end.mass += buckets_[at(end.bucket)].mass;
    sort(end.bucket);
    const auto size = static_cast<std::int64_t>(sorted_.size());
    const std::int64_t most = end.bucket == end_.bucket ? std::min(end_.rank, size) : size;
    while (end.rank < most) {
      chosen_ = sorted_[at(end.rank)];
      end.mass += weight(chosen_);
      ++end.rank;
      if (there(end.mass)) break;
    }
    return end;
  }

  /// The tokens of a bucket: largest logit first, lowest id first among equals.
  void sort(std::int64_t bucket) {
    if (bucket == sorted_bucket_) return;
    sorted_bucket_ = bucket;
    sorted_.clear();
    for (std::size_t i = 0; i < bucket_of_.size(); ++i)
      if (bucket_of_[i] == bucket) sorted_.push_back(key(logit(i), static_cast<std::uint32_t>(i)));
    std::sort(sorted_.begin(), sorted_.end());
  }

  /// Ascending where the logit descends; the id in the lower half. A NaN comes last.
  static std::uint64_t key(float logit, std::uint32_t id) {
    const auto bits = std::bit_cast<std::uint32_t>(logit + 0.0f);  // -0 equals 0
    const std::uint32_t descending = (bits & 0x80000000u) != 0 ? bits : ~bits & 0x7fffffffu;
    return (std::uint64_t{std::isnan(logit) ? ~0u : descending} << 32) | id;
  }

  double weight(std::uint64_t sorted) const {
    const float below = logit(static_cast<std::uint32_t>(sorted)) - largest_;
    return std::exp(static_cast<double>(below / temperature_));
  }

  float logit(std::size_t token) const {
    if constexpr (std::is_same_v<T, Bf16>)
      return float_from_bf16(logits_[token].bits);
    else if constexpr (std::is_same_v<T, F16>)
      return float_from_f16(logits_[token].bits);
    else
      return logits_[token];
  }
  static std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

  const T* const logits_;
  const float largest_, temperature_;
  const std::span<const std::uint16_t> bucket_of_;
  const std::span<const Bucket> buckets_;
  std::vector<std::uint64_t>& sorted_;
  std::int64_t sorted_bucket_ = -1;
  std::uint64_t chosen_ = 0;
  End end_;
};

}  // namespace assay::cpu
