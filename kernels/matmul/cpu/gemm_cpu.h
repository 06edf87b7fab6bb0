// SPDX-License-Identifier: Apache-2.0
// Sizes of the blocked f32 matmul, the same for every vector extension.
#pragma once

#include <algorithm>
#include <cstdint>

namespace assay::cpu {

struct WidenedGemm {
  static constexpr std::int64_t kRows = 48;     // of weights a block, or a multiple: four or eight tiles
  static constexpr std::int64_t kMaxRows = 96;  // whole cache lines of an output row, in every type
  static constexpr std::int64_t kDepth = 192;   // of k a block: a panel of x this deep stays in L1
  static constexpr std::int64_t kStride =
      kDepth + 16;  // of a widened row: rows one page apart would share cache sets
  static constexpr std::int64_t kMaxColumns = 256;  // rows of x a task: its sums stay in L2
  static constexpr std::int64_t kWidest = 32;       // floats of two of the widest vectors
  static constexpr std::int64_t kScratchFloats = kMaxRows * kStride + kMaxRows * (kMaxColumns + kWidest);

  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t padded_depth = 0;  // k up to whole pairs of vectors
  std::int64_t panels = 0;
  std::int64_t block_rows = kRows;  // of weights
  std::int64_t next_rows =
      0;  // from a thread's block of weight rows to its next one, if all threads are as fast
  /// [padded_depth / kDepth, panels, kDepth, panel_rows], the last depth as short as need be: what a task
  /// reads lies together, however long the rows are.
  float* packed_x = nullptr;

  /// Large blocks read x less often; small ones share out evenly among many threads.
  static std::int64_t choose_block_rows(std::int64_t n, std::int64_t runs, std::int64_t threads) {
    constexpr std::int64_t kTasks = 8;  // a thread, at least, where there are so many
    return std::clamp(n * runs / (kTasks * threads) / kRows * kRows, kRows, kMaxRows);
  }

  std::int64_t depth_at(std::int64_t k) const { return std::min(kDepth, padded_depth - k); }
  float* part(std::int64_t depth_block, std::int64_t panel, std::int64_t panel_rows) const {
    const std::int64_t k = depth_block * kDepth;
    return packed_x + (k * panels + panel * depth_at(k)) * panel_rows;
  }
};

}  // namespace assay::cpu
