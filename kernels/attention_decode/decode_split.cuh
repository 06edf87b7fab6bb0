// SPDX-License-Identifier: Apache-2.0
// How the decode kernel shares a context among blocks, and the pieces it is made of. The grid is fixed when
// the kernel is made, since a graph replays it; the tokens a split takes follow from the position on the
// device.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/kv_cache.h"

namespace assay {

inline constexpr int kSlice = 8;  // elements of a head in one lane
inline constexpr int kMaxSplits = 128;

/// The tokens one sequence attends to, and how its splits divide them.
struct SplitRange {
  static constexpr std::int64_t kGrain = 64;  // tokens; a split takes a multiple
  std::int64_t begin, end;                    // attended tokens
  std::int64_t base, each;                    // split i takes [base + i * each, base + (i + 1) * each)
  int active;                                 // splits that have work

  __device__ SplitRange(std::int64_t position, std::int64_t window, int splits) {
    end = position + 1;
    begin = window > 0 && end > window ? end - window : 0;
    base = begin / KvCache::kBlockTokens * KvCache::kBlockTokens;
    each = ((end - base + splits - 1) / splits + kGrain - 1) / kGrain * kGrain;
    active = static_cast<int>((end - base + each - 1) / each);
  }
};

/// kSlice elements of a head, as stored. `left`: elements of the head from here on.
template <typename T, bool kAligned>
struct Slice {
  T at[kSlice];

  __device__ static Slice load(const T* from, int left) {
    Slice slice;
    if (left < kSlice) {
#pragma unroll
      for (int i = 0; i < kSlice; ++i) slice.at[i] = !kAligned && i < left ? from[i] : from_float<T>(0);
    } else if constexpr (kAligned) {
#pragma unroll
      for (int i = 0; i < kSlice; i += kVec16<T>) {
        const auto part = Vec<T, kVec16<T>>::load(from + i);
#pragma unroll
        for (int j = 0; j < kVec16<T>; ++j) slice.at[i + j] = part.at[j];
      }
    } else {
#pragma unroll
      for (int i = 0; i < kSlice; ++i) slice.at[i] = from[i];
    }
    return slice;
  }
};

/// Sums kHeads values over kLanes lanes (a power of two, at least kHeads) with about kHeads shuffles instead
/// of kHeads log2(kLanes): each exchange halves the heads a lane still carries. Lane l gets the sum of head l
/// % kHeads.
template <int kHeads, int kLanes>
__device__ inline float sum_heads(float (&value)[kHeads], int lane) {
#pragma unroll
  for (int step = kHeads / 2; step > 0; step /= 2) {
    const bool upper = (lane & step) != 0;
#pragma unroll
    for (int i = 0; i < step; ++i) {
      const float keep = upper ? value[i + step] : value[i], give = upper ? value[i] : value[i + step];
      value[i] = keep + __shfl_xor_sync(~0u, give, step);
    }
  }
#pragma unroll
  for (int step = kHeads; step < kLanes; step *= 2) value[0] += __shfl_xor_sync(~0u, value[0], step);
  return value[0];
}

/// What exponents are taken relative to: the maximum, or 0 where nothing was seen yet (-inf - -inf is NaN).
__device__ inline float anchor(float maximum) {
  return maximum == -INFINITY ? 0.0f : maximum;
}

}  // namespace assay
