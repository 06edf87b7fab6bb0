// SPDX-License-Identifier: Apache-2.0
// Flash-decoding: blocks share the context of a sequence and a KV head, each with a softmax of its own over
// its split; the last block to finish merges them. All query heads of a KV head (up to 8) sit in one block,
// so that a key is read once: decode attention is bound by those bytes.
#include <algorithm>
#include <bit>
#include <string>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_decode/decode_kernel.cuh"
#include "kernels/attention_decode/decode_split.cuh"

namespace assay {
namespace {

constexpr int kUnroll = 4;  // tokens in flight a lane group: 8 loads of 16 bytes a lane in 16-bit types

/// Blocks a multiprocessor that registers are to allow.
constexpr int blocks_at_once(int heads) {
  return heads <= 2 ? 3 : 2;
}

// A group of kLanes lanes holds one token, a slice of its head a lane; the block's groups take tokens in
// turn. Lane l of a group keeps the running maximum and sum of query head l % kHeads; every lane keeps its
// slice of all outputs.
template <typename T, int kLanes, int kHeads, bool kAligned>
__global__ void __launch_bounds__(kDecodeThreads, blocks_at_once(kHeads)) decode_split(DecodeArgs<T> a) {
  start_early();
  constexpr int kGroups = kDecodeThreads / kLanes;
  constexpr int kAccBytes = kDecodeWarps * kHeads * kLanes * kSlice, kWeightFloats = kHeads * kMaxSplits;
  __shared__ float
      shared[kAccBytes > kWeightFloats ? kAccBytes : kWeightFloats];  // outputs a warp, then weights
  __shared__ float warp_max_of[kDecodeWarps][kHeads], warp_sum_of[kDecodeWarps][kHeads];

  const int split = static_cast<int>(blockIdx.x);
  const int kv_head = static_cast<int>(blockIdx.y) / a.chunks,
            chunk = static_cast<int>(blockIdx.y) % a.chunks;
  const std::int64_t sequence = blockIdx.z;
  const SplitRange range(a.positions[sequence], a.window, a.splits);
  if (split >= range.active) return;

  const int group_heads = a.q_heads / a.kv_heads;
  const int heads = min(kHeads, group_heads - chunk * kHeads);
  const int first_head = kv_head * group_heads + chunk * kHeads;
  const int thread = static_cast<int>(threadIdx.x), lane = thread % kWarp, warp = thread / kWarp;
  const int slice = thread % kLanes * kSlice, left = a.head_dim - slice;

  float q[kHeads][kSlice], acc[kHeads][kSlice] = {};
#pragma unroll
  for (int h = 0; h < kHeads; ++h) {
    const std::int64_t row = std::int64_t{a.q_heads + 2 * a.kv_heads} * a.head_dim;
    const T* from = a.qkv + sequence * row + std::int64_t{first_head + h} * a.head_dim + slice;
    const auto stored = Slice<T, kAligned>::load(from, h < heads ? left : 0);
#pragma unroll
    for (int i = 0; i < kSlice; ++i) q[h][i] = to_float(stored.at[i]) * a.scale;
  }

  float maximum = -INFINITY, sum = 0;
  const std::int64_t from = range.base + split * range.each;
  const std::int64_t to = from + range.each < range.end ? from + range.each : range.end;
  const auto attended = [&](std::int64_t first, int u) {
    const std::int64_t token = first + u * kGroups + thread / kLanes;
    return token >= range.begin && token < to ? token : std::int64_t{-1};
  };
  // The keys and values of the next tokens are on their way while these are worked on: else memory would
  // rest meanwhile. In f32, and where heads are not aligned, there are no registers for both.
  constexpr bool kAhead = kAligned && sizeof(T) == 2;
  Slice<T, kAligned> next_k[kUnroll], next_v[kUnroll];
  const auto fetch = [&](std::int64_t first) {
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      const std::int64_t token = attended(first, u);
      std::int64_t at = 0;
      if (token >= 0) {
        const std::int64_t block = a.table[sequence * a.blocks_per_sequence + token / KvCache::kBlockTokens];
        at = ((block * a.kv_heads + kv_head) * KvCache::kBlockTokens + token % KvCache::kBlockTokens) *
                 a.head_dim +
             slice;
      }
      next_k[u] = Slice<T, kAligned>::load(a.k_cache + at, token >= 0 ? left : 0);
      next_v[u] = Slice<T, kAligned>::load(a.v_cache + at, token >= 0 ? left : 0);
    }
  };
  if constexpr (kAhead) fetch(from);
  for (std::int64_t first = from; first < to; first += kGroups * kUnroll) {
    if constexpr (!kAhead) fetch(first);
    Slice<T, kAligned> k[kUnroll], v[kUnroll];
    float score[kUnroll];
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      k[u] = next_k[u];
      v[u] = next_v[u];
      score[u] = attended(first, u) >= 0 ? 0 : -INFINITY;
    }
    if constexpr (kAhead) fetch(first + kGroups * kUnroll);
    float highest = maximum;
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      float dot[kHeads] = {};
#pragma unroll
      for (int i = 0; i < kSlice; ++i) {
        const float key = to_float(k[u].at[i]);
#pragma unroll
        for (int h = 0; h < kHeads; ++h) dot[h] = fmaf(q[h][i], key, dot[h]);
      }
      float s = sum_heads<kHeads, kLanes>(dot, lane);
      if (a.softcap > 0) s = a.softcap * tanhf(s / a.softcap);
      score[u] += s;
      highest = fmaxf(highest, score[u]);
    }
    const float correction = exp2f(maximum - anchor(highest));
    sum *= correction;
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      score[u] = exp2f(score[u] - anchor(highest));
      sum += score[u];
    }
    maximum = highest;
#pragma unroll
    for (int h = 0; h < kHeads; ++h) {
      const float shrink = __shfl_sync(~0u, correction, h, kLanes);
#pragma unroll
      for (int i = 0; i < kSlice; ++i) acc[h][i] *= shrink;
    }
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) {
      float value[kSlice];
#pragma unroll
      for (int i = 0; i < kSlice; ++i) value[i] = to_float(v[u].at[i]);
#pragma unroll
      for (int h = 0; h < kHeads; ++h) {
        const float p = __shfl_sync(~0u, score[u], h, kLanes);
#pragma unroll
        for (int i = 0; i < kSlice; ++i) acc[h][i] = fmaf(p, value[i], acc[h][i]);
      }
    }
  }

  // The groups of a warp merge by shuffles, the warps through shared memory.
#pragma unroll
  for (int step = kLanes; step < kWarp; step *= 2) {
    const float other_max = __shfl_xor_sync(~0u, maximum, step), other_sum = __shfl_xor_sync(~0u, sum, step);
    const float highest = fmaxf(maximum, other_max);
    const float mine = exp2f(maximum - anchor(highest)), theirs = exp2f(other_max - anchor(highest));
    sum = sum * mine + other_sum * theirs;
    maximum = highest;
#pragma unroll
    for (int h = 0; h < kHeads; ++h) {
      const float my_weight = __shfl_sync(~0u, mine, h, kLanes),
                  their_weight = __shfl_sync(~0u, theirs, h, kLanes);
#pragma unroll
      for (int i = 0; i < kSlice; ++i)
        acc[h][i] = acc[h][i] * my_weight + __shfl_xor_sync(~0u, acc[h][i], step) * their_weight;
    }
  }
  if (lane < kHeads) {
    warp_max_of[warp][lane] = maximum;
    warp_sum_of[warp][lane] = sum;
  }
  if (lane < kLanes)
#pragma unroll
    for (int h = 0; h < kHeads; ++h)
#pragma unroll
      for (int i = 0; i < kSlice; ++i) shared[((warp * kHeads + h) * kLanes + lane) * kSlice + i] = acc[h][i];
  __syncthreads();

  finish_block<T, kHeads, kAligned, kLanes * kSlice>(a, range, sequence, first_head, heads, shared,
                                                     warp_max_of, warp_sum_of);
}

template <typename T>
class AttentionDecodeCuda final : public DecodeKernel<T> {
 public:
  AttentionDecodeCuda(const AttentionDecode& op, Lane& lane)
      : DecodeKernel<T>(op), aligned_(op.p.cache.head_dim % kSlice == 0) {
    const std::int64_t group = op.p.q_heads / op.p.cache.kv_heads;
    const auto power = [](std::int64_t value) {
      return static_cast<int>(std::bit_ceil(static_cast<std::uint64_t>(value)));
    };
    heads_ = aligned_ ? std::min(8, power(group)) : 1;
    lanes_ = aligned_ ? std::max(8, power(op.p.cache.head_dim / kSlice)) : kWarp;
    this->divide(lane, heads_, blocks_at_once(heads_));
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (!aligned_) return run<kWarp, 1, false>(stream, in, out);
    if (lanes_ == 8) return with_heads<8>(stream, in, out);
    if (lanes_ == 16) return with_heads<16>(stream, in, out);
    with_heads<32>(stream, in, out);
  }

 private:
  template <int kLanes>
  void with_heads(const Stream& stream, Buffers in, Buffers out) const {
    if (heads_ == 1) return run<kLanes, 1, true>(stream, in, out);
    if (heads_ == 2) return run<kLanes, 2, true>(stream, in, out);
    if (heads_ == 4) return run<kLanes, 4, true>(stream, in, out);
    run<kLanes, 8, true>(stream, in, out);
  }
  template <int kLanes, int kHeads, bool kAligned>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    this->start(decode_split<T, kLanes, kHeads, kAligned>, stream, in, out);
  }

  const bool aligned_;
  int heads_, lanes_;  // lanes a token
};

}  // namespace

std::unique_ptr<Kernel> make_attention_decode_cuda(const Op& op, Lane& lane) {
  const auto& decode = op_cast<AttentionDecode>(op);
  const auto& cache = decode.p.cache;
  if (cache.head_dim > kWarp * kSlice)
    throw Unsupported("attention_decode/paged_split takes heads of up to 256, not " +
                      std::to_string(cache.head_dim));
  require_decode_grid(decode, "attention_decode/paged_split");
  return kernel_for(cache.type, "attention_decode/paged_split", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<AttentionDecodeCuda<T>>(decode, lane);
  });
}

}  // namespace assay
