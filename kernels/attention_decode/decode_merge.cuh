// SPDX-License-Identifier: Apache-2.0
// What the decode kernel works on, and its second half: the splits of a context become one result.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/attention_decode/decode_split.cuh"

namespace assay {

inline constexpr int kDecodeWarps = 4, kDecodeThreads = kDecodeWarps * kWarp;

template <typename T>
struct DecodeArgs {
  const T* qkv;                           // [sequences, (q_heads + 2 kv_heads) * head_dim]
  const std::int32_t *positions, *table;  // [sequences], [sequences, blocks_per_sequence]
  const T *k_cache, *v_cache;
  T* y;                // [sequences, q_heads * head_dim]
  float2* sums;        // [sequences, q_heads, splits]: maximum, sum of exponents
  float* partial;      // [sequences, q_heads, splits, head_dim]
  unsigned* finished;  // [sequences, kv_heads * chunks]: 0 between launches
  std::int64_t blocks_per_sequence, window;
  int q_heads, kv_heads, head_dim, splits, chunks;  // chunks: blocks that share the query heads of a KV head
  float scale, softcap;                             // scores come out in powers of two: scale has log2(e)
};

// Merges the splits of a block's heads. One block runs it, after all others have written theirs.
template <typename T, int kHeads, bool kAligned>
__device__ void merge_splits(const DecodeArgs<T>& a, std::int64_t sequence, int first_head, int heads,
                             int active, float* weights /* shared, [kHeads, kMaxSplits] */) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  for (int h = warp; h < heads; h += kDecodeWarps) {
    const float2* sums = a.sums + (sequence * a.q_heads + first_head + h) * a.splits;
    float maximum = -INFINITY, total = 0;
    for (int s = lane; s < active; s += kWarp) maximum = fmaxf(maximum, __ldcg(&sums[s]).x);
    maximum = warp_max(maximum);
    for (int s = lane; s < active; s += kWarp) {
      const float2 sum = __ldcg(&sums[s]);
      total += sum.y * exp2f(sum.x - anchor(maximum));
    }
    total = warp_sum(total);
    for (int s = lane; s < active; s += kWarp)
      weights[h * kMaxSplits + s] = exp2f(__ldcg(&sums[s]).x - anchor(maximum)) / total;
  }
  __syncthreads();
  constexpr int kWidth = kAligned ? 4 : 1;
  const int vectors = a.head_dim / kWidth;
  for (int i = static_cast<int>(threadIdx.x); i < heads * vectors; i += kDecodeThreads) {
    const int h = i / vectors, d = i % vectors * kWidth;
    const std::int64_t head = sequence * a.q_heads + first_head + h;
    const float* partial = a.partial + head * a.splits * a.head_dim + d;
    float result[kWidth] = {};
#pragma unroll 4
    for (int s = 0; s < active; ++s) {
      const float weight = weights[h * kMaxSplits + s];
      if constexpr (kAligned) {
        const float4 part = __ldcg(reinterpret_cast<const float4*>(partial + std::int64_t{s} * a.head_dim));
        result[0] += weight * part.x;
        result[1] += weight * part.y;
        result[2] += weight * part.z;
        result[3] += weight * part.w;
      } else {
        result[0] += weight * __ldcg(partial + std::int64_t{s} * a.head_dim);
      }
    }
    for (int j = 0; j < kWidth; ++j) a.y[head * a.head_dim + d + j] = from_float<T>(result[j]);
  }
}

}  // namespace assay
