// SPDX-License-Identifier: Apache-2.0
// What both ways to choose a token share: logits as keys that compare as integers, a walk over a row of them,
// and the step to the next position.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "device/cuda/reduce.cuh"

namespace assay {

using Mass = unsigned long long;  // the type that 64-bit atomics and shuffles take

/// Keys order as logits do; -0 counts as 0, as in a comparison of floats.
__device__ inline std::uint32_t logit_key(float logit) {
  const std::uint32_t bits = __float_as_uint(logit + 0.0f);
  return bits ^ ((bits >> 31) != 0 ? 0xffffffffu : 0x80000000u);
}
__device__ inline float logit_of(std::uint32_t key) {
  return __uint_as_float(key ^ ((key >> 31) != 0 ? 0x80000000u : 0xffffffffu));
}

/// visit(id, logit) for this thread's share of logits [from, to) of a row. 16 bytes at a time: rows of an odd
/// vocabulary start anywhere, so what stands before the first whole vector goes one by one, as does the rest.
template <typename T, typename Visit>
__device__ inline void each_logit(const T* row, std::int64_t from, std::int64_t to, int thread, int threads,
                                  Visit visit) {
  constexpr int kWidth = kVec16<T>;
  const std::int64_t past =
      static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(row + from) % 16 / sizeof(T));
  const std::int64_t whole = past == 0 ? from : from + kWidth - past;
  const std::int64_t head = whole < to ? whole : to, vectors = (to - head) / kWidth;
  const std::int64_t tail = head + vectors * kWidth;
  for (std::int64_t i = from + thread; i < head; i += threads) visit(i, to_float(row[i]));
#pragma unroll 4
  for (std::int64_t v = thread; v < vectors; v += threads) {
    const std::int64_t first = head + v * kWidth;
    const auto logits = Vec<T, kWidth>::load(row + first);
#pragma unroll
    for (int i = 0; i < kWidth; ++i) visit(first + i, to_float(logits.at[i]));
  }
  for (std::int64_t i = tail + thread; i < to; i += threads) visit(i, to_float(row[i]));
}

/// Where chosen tokens go.
struct Chosen {
  std::int32_t *tokens, *positions, *history;  // [sequences], [sequences], [sequences, capacity]
  std::int64_t capacity;

  /// The next position of a sequence; at the end of the history it stays there.
  __device__ void take(std::int64_t sequence, std::int64_t token) const {
    const std::int64_t next = positions[sequence] + 1;
    const std::int64_t moved = next < capacity ? next : capacity - 1;
    tokens[sequence] = static_cast<std::int32_t>(token);
    history[sequence * capacity + moved] = static_cast<std::int32_t>(token);
    positions[sequence] = static_cast<std::int32_t>(moved);
  }
};

}  // namespace assay
