// SPDX-License-Identifier: Apache-2.0
// Sizes of the blocked f32 matmul, the same for every vector extension.
#pragma once

#include <cstdint>

namespace assay::cpu {

struct WidenedGemm {
  static constexpr std::int64_t kRows = 48;         // of weights a block: four or eight tiles
  static constexpr std::int64_t kDepth = 256;       // of k a block: a panel of x this deep stays in L1
  static constexpr std::int64_t kStride = kDepth + 16;  // of a widened row: rows one page apart would share cache sets
  static constexpr std::int64_t kMaxColumns = 256;  // rows of x a task: its sums stay in L2
  static constexpr std::int64_t kWidest = 32;       // floats of two of the widest vectors
  static constexpr std::int64_t kScratchFloats = kRows * kStride + kRows * (kMaxColumns + kWidest);

  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t padded_depth = 0;  // k up to whole pairs of vectors
  float* packed_x = nullptr;      // [panels, padded_depth, rows of a panel]
};

}  // namespace assay::cpu
