// SPDX-License-Identifier: Apache-2.0
// Geometry of kernels that treat every element of a matrix alike: a thread takes one vector of a row, and
// short rows share a block, so that no index needs a division.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "device/cuda/launch.cuh"

namespace assay {

struct RowGrid {
  static constexpr int kThreads = 256;
  dim3 grid, block;

  /// `vectors`: accesses that make a row.
  RowGrid(std::int64_t rows, std::int64_t vectors) {
    const auto across = static_cast<unsigned>(
        std::bit_ceil(static_cast<std::uint64_t>(std::min<std::int64_t>(vectors, kThreads))));
    block = dim3(across, kThreads / across);
    grid = dim3(blocks_for(rows, block.y), blocks_for(vectors, block.x));
  }
};

__device__ inline std::int64_t grid_row() {
  return std::int64_t{blockIdx.x} * blockDim.y + threadIdx.y;
}
__device__ inline std::int64_t grid_vector() {
  return std::int64_t{blockIdx.y} * blockDim.x + threadIdx.x;
}

}  // namespace assay
