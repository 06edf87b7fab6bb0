// SPDX-License-Identifier: Apache-2.0
// The kernel behind `skinny`: y = x w^T for at most 16 rows of x, as in decoding. Every weight is used by all
// of them at once, and read from device memory once.
//
// A warp takes kRows neighbouring rows of w and walks along k, 16 bytes a lane and row, with kInFlight such
// loads issued before the first is used. `split` warps of a block share the k of the same rows, where n alone
// would not fill the GPU. x is small and read by every warp at about the same k: it comes from the
// first-level cache. Sums are f32, in an order that does not depend on timing.
#pragma once

#include "device/cuda/early_start.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/matmul/cuda/epilogue_cuda.cuh"

namespace assay {

struct SkinnyShape {
  std::int64_t m, n, k;
  int split;             // 1, 2, 4 or 8
  int first_blocks = 0;  // that may start while the kernel before still runs
};

inline constexpr int kSkinnyWarps = 8;
inline constexpr int kSkinnyThreads = kSkinnyWarps * kWarp;

template <typename T, int V>
__device__ inline void unpack(const Vec<T, V>& packed, float (&values)[V]) {
#pragma unroll
  for (int i = 0; i < V; ++i) values[i] = to_float(packed.at[i]);
}

// From compute capability 8.9 on, hardware converts e4m3 in pairs. Before, its exponent and mantissa are put
// in the place of f32's and the exponent's bias corrected by a multiplication, exact for subnormals too: the
// toolkit's own conversion is far longer there.
__device__ inline void unpack(const Vec<__nv_fp8_e4m3, 16>& packed, float (&values)[16]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 890
#pragma unroll
  for (int i = 0; i < 16; ++i) {
    const unsigned bits = packed.at[i].__x, magnitude = bits & 0x7fu;
    const float value = __uint_as_float((bits & 0x80u) << 24 | magnitude << 20) * 0x1p120f;
    values[i] = magnitude == 0x7fu ? __uint_as_float(0x7fffffffu) : value;  // NaN
  }
#else
  const auto* pairs = reinterpret_cast<const __nv_fp8x2_storage_t*>(&packed);
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const float2 pair = __half22float2(__half2(__nv_cvt_fp8x2_to_halfraw2(pairs[i], __NV_E4M3)));
    values[2 * i] = pair.x;
    values[2 * i + 1] = pair.y;
  }
#endif
}

/// Weights are read once and leave the caches to x.
template <typename T, int V>
__device__ inline Vec<T, V> load_weights(const T* from) {
  if constexpr (V * sizeof(T) == 16)
    return Vec<T, V>::load_once(from);
  else
    return Vec<T, V>::load(from);
}

/// Adds kUnroll steps of k, of which those at or past `k` do not count if `kEnd`.
template <bool kEnd, int kUnroll, typename T, int V, int kM, int kRows>
__device__ __forceinline__ void add_products(const T* const (&weights)[kRows], const T* const (&inputs)[kM],
                                             std::int64_t first, std::int64_t step, std::int64_t k,
                                             float (&sum)[kRows][kM]) {
  int inside = 0;  // steps
#pragma unroll
  for (int u = 0; u < kUnroll; ++u) inside += !kEnd || first + u * step < k ? 1 : 0;
  Vec<T, V> packed[kUnroll][kRows];
#pragma unroll
  for (int u = 0; u < kUnroll; ++u)
#pragma unroll
    for (int r = 0; r < kRows; ++r)
      if (u < inside) packed[u][r] = load_weights<T, V>(weights[r] + first + u * step);
#pragma unroll
  for (int u = 0; u < kUnroll; ++u) {
    if (u < inside) {
      float weight[kRows][V];
#pragma unroll
      for (int r = 0; r < kRows; ++r) unpack(packed[u][r], weight[r]);
#pragma unroll
      for (int i = 0; i < kM; ++i) {
        float input[V];
        unpack(Vec<T, V>::load(inputs[i] + first + u * step), input);
#pragma unroll
        for (int r = 0; r < kRows; ++r)
#pragma unroll
          for (int v = 0; v < V; ++v) sum[r][i] = fmaf(weight[r][v], input[v], sum[r][i]);
      }
    }
  }
}

template <typename T, int V, int kM, int kRows>
__global__ void __launch_bounds__(kSkinnyThreads, 1)
    skinny_rows(const T* __restrict__ x,  // [m, k], m <= kM
                const T* __restrict__ w,  // [n, k]; k a multiple of V
                SkinnyShape shape, MatMulEpilogue epilogue) {
  // With many rows of x, registers go to sums and x, and each weight is busy for longer.
  constexpr int kInFlight = kM == 16 ? 2 : kM * V == 128 ? 4 : 8, kUnroll = kInFlight / kRows;
  __shared__ float sums[kSkinnyWarps][kRows * kM];
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const int slice = warp % shape.split, group = warp / shape.split, groups = kSkinnyWarps / shape.split;
  const std::int64_t first_row = (std::int64_t{blockIdx.x} * groups + group) * kRows;

  // Rows past the end repeat the last one, and are not stored.
  const T* weights[kRows];
#pragma unroll
  for (int r = 0; r < kRows; ++r) weights[r] = w + min(first_row + r, shape.n - 1) * shape.k;
  const T* inputs[kM];
#pragma unroll
  for (int i = 0; i < kM; ++i) inputs[i] = x + min(std::int64_t{i}, shape.m - 1) * shape.k;

  // While the kernel before still runs: weights are not what it writes. Blocks that start later have nothing
  // to wait for, and would ask twice.
  let_next_start();
  if constexpr (V * sizeof(T) == 16) {
    constexpr int kPrefetched = 16;  // steps a warp, over its rows: 8 KiB
    const std::int64_t ahead = (std::int64_t{lane / kRows} * shape.split + slice) * kWarp * V;
    if (static_cast<int>(blockIdx.x) < shape.first_blocks && lane < kPrefetched &&
        ahead + kWarp * V <= shape.k)
      prefetch_to_l2((lane % kRows == 0 ? weights[0] : weights[kRows - 1]) + ahead, kWarp * V * sizeof(T));
  }
  wait_for_previous();

  // Slices take turns along k. All lanes stay inside k in the first loop; what it leaves is less than one
  // turn.
  float sum[kRows][kM] = {};
  const std::int64_t step = std::int64_t{shape.split} * kWarp * V;
  std::int64_t base = std::int64_t{slice} * kWarp * V;
  for (; base + (kUnroll - 1) * step + kWarp * V <= shape.k; base += kUnroll * step)
    add_products<false, kUnroll, T, V>(weights, inputs, base + lane * V, step, shape.k, sum);
  add_products<true, kUnroll, T, V>(weights, inputs, base + lane * V, step, shape.k, sum);

#pragma unroll
  for (int r = 0; r < kRows; ++r)
#pragma unroll
    for (int i = 0; i < kM; ++i) {
      const float total = warp_sum(sum[r][i]);
      if (lane == 0) sums[warp][r * kM + i] = total;
    }
  __syncthreads();
  if (slice != 0) return;
  static_assert(kRows <= 2 && kRows * kM <= kWarp);
  const std::int64_t row = first_row + lane / kM, i = lane % kM;
  if (lane >= kRows * kM || row >= shape.n || i >= shape.m) return;
  float total = 0;
  for (int s = 0; s < shape.split; ++s) total += sums[warp + s][lane];
  epilogue.finish(total, i * shape.n + row, row);
}

}  // namespace assay
