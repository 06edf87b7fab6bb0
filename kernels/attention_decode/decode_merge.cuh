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

/// What a block does when its warps have each written maximum, sum and outputs of its split to shared memory,
/// and a barrier has shown them: joins them, and where a context has several splits, the last block to come
/// merges those.
template <typename T, int kHeads, bool kAligned, int kRow>
__device__ void finish_block(const DecodeArgs<T>& a, const SplitRange& range, std::int64_t sequence,
                             int first_head, int heads,
                             float* shared /* [kDecodeWarps, kHeads, kRow], then weights of splits */,
                             const float (&warp_max_of)[kDecodeWarps][kHeads],
                             const float (&warp_sum_of)[kDecodeWarps][kHeads]) {
  __shared__ bool last;
  const int thread = static_cast<int>(threadIdx.x), split = static_cast<int>(blockIdx.x);
  for (int h = 0; h < heads; ++h) {
    float highest = -INFINITY, total = 0, weight[kDecodeWarps];
#pragma unroll
    for (int w = 0; w < kDecodeWarps; ++w) highest = fmaxf(highest, warp_max_of[w][h]);
#pragma unroll
    for (int w = 0; w < kDecodeWarps; ++w) {
      weight[w] = exp2f(warp_max_of[w][h] - anchor(highest));
      total += weight[w] * warp_sum_of[w][h];
    }
    const std::int64_t head = sequence * a.q_heads + first_head + h;
    for (int d = thread; d < a.head_dim; d += kDecodeThreads) {
      float result = 0;
#pragma unroll
      for (int w = 0; w < kDecodeWarps; ++w) result += weight[w] * shared[(w * kHeads + h) * kRow + d];
      if (range.active == 1)
        a.y[head * a.head_dim + d] = from_float<T>(result / total);
      else
        a.partial[(head * a.splits + split) * a.head_dim + d] = result;
    }
    if (range.active > 1 && thread == 0) a.sums[head * a.splits + split] = make_float2(highest, total);
  }
  if (range.active == 1) return;

  // Who comes last sees everybody's writes: each block makes its own visible before it counts itself.
  __threadfence();
  __syncthreads();
  if (thread == 0) {
    unsigned* finished = a.finished + sequence * gridDim.y + blockIdx.y;
    last = atomicAdd(finished, 1u) == static_cast<unsigned>(range.active) - 1;
    if (last) *finished = 0;  // ready for the next launch
  }
  __syncthreads();
  if (!last) return;
  __threadfence();
  merge_splits<T, kHeads, kAligned>(a, sequence, first_head, heads, range.active, shared);
}

}  // namespace assay
