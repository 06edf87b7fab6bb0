// SPDX-License-Identifier: Apache-2.0
// Sizes of the matmul for few rows of x, the same for every vector extension.
#pragma once

#include <algorithm>
#include <cstdint>

namespace assay::cpu {

struct RowsPlan {
  static constexpr std::int64_t kMaxM = 32;       // above it multiply-adds bind, not memory
  static constexpr std::int64_t kMaxChunk = 128;  // weight rows
  static constexpr std::int64_t kWidest = 32;     // floats of two of the widest vectors

  RowsPlan(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t element_bytes, std::int64_t threads)
      : m(m), k(k) {
    constexpr std::int64_t kChunkBytes = 256 << 10;  // of weights: long enough for four streams to get going
    const std::int64_t fair = n / (8 * threads);     // rows that still balance disturbed threads
    chunk = std::clamp<std::int64_t>(std::min(kChunkBytes / (k * element_bytes), fair) / 4 * 4, 4, kMaxChunk);
  }

  std::int64_t m, k;
  std::int64_t chunk;  // weight rows a piece of work
};

}  // namespace assay::cpu
