// SPDX-License-Identifier: Apache-2.0
// What the normalisations share: a row of x (+ residual) read once into the registers of a warp or of a
// block, and the geometry that makes it fit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "device/cuda/convert.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/reduce.cuh"

namespace assay {

/// A row in the registers of `threads` threads, kPacks vectors of N each, vector v of the row in thread v %
/// threads. kPacks 0: the row is too long for that and is read again each time.
template <typename T, int N, int kPacks>
struct NormRow {
  const T* x;
  T* residual;  // or null
  std::int64_t columns;
  int thread, threads;
  float held[kPacks > 0 ? kPacks : 1][N];

  __device__ void read(std::int64_t column, float (&s)[N]) const {
    const auto from_x = Vec<T, N>::load(x + column);
#pragma unroll
    for (int i = 0; i < N; ++i) s[i] = to_float(from_x.at[i]);
    if (residual == nullptr) return;
    const auto add = Vec<T, N>::load(residual + column);
#pragma unroll
    for (int i = 0; i < N; ++i) s[i] += to_float(add.at[i]);
  }

  __device__ void load() {
#pragma unroll
    for (int p = 0; p < kPacks; ++p)
      if (const std::int64_t column = (std::int64_t{p} * threads + thread) * N; column < columns)
        read(column, held[p]);
  }

  /// visit(column, s) for each vector of this thread.
  template <typename Visit>
  __device__ void each(Visit visit) {
    if constexpr (kPacks > 0) {
#pragma unroll
      for (int p = 0; p < kPacks; ++p)
        if (const std::int64_t column = (std::int64_t{p} * threads + thread) * N; column < columns)
          visit(column, held[p]);
    } else {
      for (std::int64_t column = std::int64_t{thread} * N; column < columns;
           column += std::int64_t{threads} * N) {
        read(column, held[0]);
        visit(column, held[0]);
      }
    }
  }

  /// Writes s over the residual, once all sums are made: a long row is read again until then.
  __device__ void keep(std::int64_t column, const float (&s)[N]) const {
    if (residual == nullptr) return;
    Vec<T, N> out;
#pragma unroll
    for (int i = 0; i < N; ++i) out.at[i] = from_float<T>(s[i]);
    out.store(residual + column);
  }
};

/// Sum over the threads that share a row.
template <bool kWarpRow>
__device__ inline float row_sum(float value, float* scratch) {
  if constexpr (kWarpRow) return warp_sum(value);
  return block_sum(value, scratch);
}

/// Asks for the weights that all rows are multiplied with, before the kernel waits for its input.
template <int N, typename T>
__device__ inline void prefetch_row(const T* weights, std::int64_t columns) {
  if constexpr (N == kVec16<T>)
    if (blockIdx.x == 0 && threadIdx.x == 0)
      prefetch_to_l2(weights, static_cast<unsigned>(columns * static_cast<std::int64_t>(sizeof(T))));
}

/// Short rows take a warp each, four to a block; longer ones a block each; `packs` vectors stay in each
/// thread.
struct NormShape {
  static constexpr int kWarpRows = 4;      // rows a block, a warp each
  static constexpr int kMaxThreads = 768;  // leaves 85 registers a thread: 1024 would spill
  static constexpr int bounds(bool warp_row) { return warp_row ? kWarpRows * kWarp : kMaxThreads; }
  int packs, threads;  // threads of the block
  bool warp_row;

  explicit NormShape(std::int64_t vectors) {
    warp_row = vectors <= 4 * kWarp;
    const std::int64_t comfortable = warp_row ? kWarp : 512, most = warp_row ? kWarp : kMaxThreads;
    packs = vectors <= comfortable ? 1 : vectors <= 2 * comfortable ? 2 : vectors <= 4 * most ? 4 : 0;
    const std::int64_t a_thread = packs > 0 ? (vectors + packs - 1) / packs : 512;
    threads = warp_row ? kWarpRows * kWarp : static_cast<int>((a_thread + kWarp - 1) / kWarp * kWarp);
  }
  dim3 grid(std::int64_t rows) const { return blocks_for(rows, warp_row ? kWarpRows : 1); }
};

/// run.template operator()<N, kPacks, kWarpRow>(shape) for a row of `columns`.
template <typename T, typename Run>
void with_norm_shape(std::int64_t columns, Run run) {
  const auto choose = [&]<int N>() {
    const NormShape shape(columns / N);
    if (shape.warp_row) {
      if (shape.packs == 1) return run.template operator()<N, 1, true>(shape);
      if (shape.packs == 2) return run.template operator()<N, 2, true>(shape);
      return run.template operator()<N, 4, true>(shape);
    }
    if (shape.packs == 1) return run.template operator()<N, 1, false>(shape);
    if (shape.packs == 2) return run.template operator()<N, 2, false>(shape);
    if (shape.packs == 4) return run.template operator()<N, 4, false>(shape);
    return run.template operator()<N, 0, false>(shape);
  };
  if (rows_align_16<T>(columns)) return choose.template operator()<kVec16<T>>();
  choose.template operator()<1>();
}

}  // namespace assay
