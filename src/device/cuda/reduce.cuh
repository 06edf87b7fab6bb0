// SPDX-License-Identifier: Apache-2.0
// Sums and maxima over a warp and over a block. Every thread gets the result, and the order of additions is
// fixed, so that a kernel gives the same bits each time.
#pragma once

#include <cuda_runtime.h>

namespace assay {

inline constexpr int kWarp = 32;

__device__ inline float warp_sum(float value) {
#pragma unroll
  for (int step = kWarp / 2; step > 0; step /= 2) value += __shfl_xor_sync(~0u, value, step);
  return value;
}

__device__ inline float warp_max(float value) {
#pragma unroll
  for (int step = kWarp / 2; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
  return value;
}

/// Over a one-dimensional block of whole warps, through 32 floats of shared memory. All threads must call it;
/// the barrier at its start lets `scratch` be used again at once.
template <typename Combine>
__device__ inline float block_reduce(float value, float* scratch, float identity, Combine warp_combine) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const int warps = static_cast<int>(blockDim.x) / kWarp;
  value = warp_combine(value);
  __syncthreads();
  if (lane == 0) scratch[warp] = value;
  __syncthreads();
  return warp_combine(lane < warps ? scratch[lane] : identity);
}

__device__ inline float block_sum(float value, float* scratch) {
  return block_reduce(value, scratch, 0.0f, [](float v) { return warp_sum(v); });
}

/// `lowest` is what an absent value counts as: -INFINITY.
__device__ inline float block_max(float value, float* scratch, float lowest) {
  return block_reduce(value, scratch, lowest, [](float v) { return warp_max(v); });
}

}  // namespace assay
