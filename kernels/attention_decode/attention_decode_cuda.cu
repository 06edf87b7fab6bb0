// SPDX-License-Identifier: Apache-2.0
// Flash-decoding: blocks share the context of a sequence and a KV head, each with a softmax of its own over
// its split; the last block to finish merges them. All query heads of a KV head (up to 8) sit in one block,
// so that a key is read once: decode attention is bound by those bytes.
#include <algorithm>
#include <bit>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "device/device.h"
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_decode/decode_merge.cuh"
#include "kernels/attention_decode/decode_split.cuh"

namespace assay {
namespace {

constexpr int kUnroll = 4;  // tokens in flight a lane group: 8 loads of 16 bytes a lane in 16-bit types

// A group of kLanes lanes holds one token, a slice of its head a lane; the block's groups take tokens in
// turn. Lane l of a group keeps the running maximum and sum of query head l % kHeads; every lane keeps its
// slice of all outputs.
template <typename T, int kLanes, int kHeads, bool kAligned>
__global__ void __launch_bounds__(kDecodeThreads, kHeads <= 2 ? 3 : 2) decode_split(DecodeArgs<T> a) {
  start_early();
  constexpr int kGroups = kDecodeThreads / kLanes;
  constexpr int kAccBytes = kDecodeWarps * kHeads * kLanes * kSlice, kWeightFloats = kHeads * kMaxSplits;
  __shared__ float
      shared[kAccBytes > kWeightFloats ? kAccBytes : kWeightFloats];  // outputs a warp, then weights
  __shared__ float warp_max_of[kDecodeWarps][kHeads], warp_sum_of[kDecodeWarps][kHeads];
  __shared__ bool last;

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
  // rest meanwhile. In f32 there are no registers for both.
  constexpr bool kAhead = sizeof(T) == 2;
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
      for (int w = 0; w < kDecodeWarps; ++w)
        result += weight[w] * shared[(w * kHeads + h) * kLanes * kSlice + d];
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

/// Into how many splits, at most `most`, to divide each of `rows` contexts so that blocks of which `at_once`
/// run fill them to the end: the fewest of those within 3 % of the best. More splits than fill the device
/// once are tried for as long as merging them is little work.
std::int64_t splits_that_fill(std::int64_t rows, std::int64_t at_once, std::int64_t most) {
  constexpr std::int64_t kMostWaves = 4;
  const auto filled = [&](std::int64_t splits) {
    const std::int64_t blocks = rows * splits, waves = (blocks + at_once - 1) / at_once;
    return static_cast<double>(blocks) / static_cast<double>(waves * at_once);
  };
  const std::int64_t last = std::clamp<std::int64_t>(kMostWaves * at_once / rows, 1, most);
  std::int64_t best = 1;
  for (std::int64_t splits = 2; splits <= last; ++splits)
    if (filled(splits) > filled(best) + 0.03) best = splits;
  return best;
}

template <typename T>
class AttentionDecodeCuda final : public Kernel {
 public:
  AttentionDecodeCuda(const AttentionDecode& op, Lane& lane) : p_(op.p), scale_(op.scale()) {
    const auto& cache = p_.cache;
    const std::int64_t group = p_.q_heads / cache.kv_heads;
    aligned_ = cache.head_dim % kSlice == 0;
    heads_ =
        aligned_
            ? static_cast<int>(std::min<std::int64_t>(8, std::bit_ceil(static_cast<std::uint64_t>(group))))
            : 1;
    chunks_ = (group + heads_ - 1) / heads_;

    // Registers allow 2 or 3 blocks a multiprocessor.
    const std::int64_t at_once =
        std::max<std::int64_t>(1, lane.device().info().units) * std::int64_t{heads_ <= 2 ? 3 : 2};
    const std::int64_t longest =
        p_.window > 0 ? std::min(p_.window + KvCache::kBlockTokens, cache.capacity) : cache.capacity;
    const std::int64_t most =
        std::min<std::int64_t>(kMaxSplits, (longest + SplitRange::kGrain - 1) / SplitRange::kGrain);
    splits_ = splits_that_fill(cache.sequences * cache.kv_heads * chunks_, at_once, most);
    if (splits_ == 1) return;
    const std::int64_t rows = cache.sequences * p_.q_heads * splits_;
    sums_ = lane.device().allocate(rows * static_cast<std::int64_t>(sizeof(float2)));
    partial_ = lane.device().allocate(rows * cache.head_dim * static_cast<std::int64_t>(sizeof(float)));
    const std::vector<unsigned> zeros(static_cast<std::size_t>(cache.sequences * cache.kv_heads * chunks_));
    const auto bytes = static_cast<std::int64_t>(zeros.size() * sizeof(unsigned));
    finished_ = lane.device().allocate(bytes);
    lane.write(finished_->buffer(), zeros.data(), bytes);
  }

  std::int64_t workspace_bytes() const override {
    return splits_ == 1 ? 0 : sums_->buffer().bytes + partial_->buffer().bytes + finished_->buffer().bytes;
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const auto lanes = std::max<std::int64_t>(
        8, std::bit_ceil(static_cast<std::uint64_t>((p_.cache.head_dim + kSlice - 1) / kSlice)));
    if (!aligned_) return run<kWarp, 1, false>(stream, in, out);
    if (lanes == 8) return with_heads<8>(stream, in, out);
    if (lanes == 16) return with_heads<16>(stream, in, out);
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
    constexpr float kLog2E = 1.4426950408889634f;
    const auto& cache = p_.cache;
    const DecodeArgs<T> args{
        .qkv = static_cast<const T*>(in[0].data),
        .positions = static_cast<const std::int32_t*>(in[1].data),
        .table = static_cast<const std::int32_t*>(in[2].data),
        .k_cache = static_cast<const T*>(in[3].data),
        .v_cache = static_cast<const T*>(in[4].data),
        .y = static_cast<T*>(out[0].data),
        .sums = splits_ > 1 ? static_cast<float2*>(sums_->buffer().data) : nullptr,
        .partial = splits_ > 1 ? static_cast<float*>(partial_->buffer().data) : nullptr,
        .finished = splits_ > 1 ? static_cast<unsigned*>(finished_->buffer().data) : nullptr,
        .blocks_per_sequence = cache.blocks_per_sequence(),
        .window = p_.window,
        .q_heads = static_cast<int>(p_.q_heads),
        .kv_heads = static_cast<int>(cache.kv_heads),
        .head_dim = static_cast<int>(cache.head_dim),
        .splits = static_cast<int>(splits_),
        .chunks = static_cast<int>(chunks_),
        .scale = scale_ * kLog2E,
        .softcap = p_.softcap * kLog2E};  // cap and scale grow alike: tanh(s / cap) stays
    const dim3 grid(static_cast<unsigned>(splits_), static_cast<unsigned>(cache.kv_heads * chunks_),
                    static_cast<unsigned>(cache.sequences));
    assay::launch_early(decode_split<T, kLanes, kHeads, kAligned>, grid, kDecodeThreads, 0, stream, args);
  }

  const AttentionDecode::Params p_;
  const float scale_;
  bool aligned_;
  int heads_;
  std::int64_t chunks_, splits_;
  std::unique_ptr<Memory> sums_, partial_, finished_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_decode_cuda(const Op& op, Lane& lane) {
  const auto& decode = op_cast<AttentionDecode>(op);
  const auto& cache = decode.p.cache;
  if (cache.head_dim > kWarp * kSlice)
    throw Unsupported("attention_decode/paged_split takes heads of up to 256, not " +
                      std::to_string(cache.head_dim));
  if (cache.sequences > 65535)
    throw Unsupported("attention_decode/paged_split takes up to 65535 sequences, not " +
                      std::to_string(cache.sequences));
  return kernel_for(cache.type, "attention_decode/paged_split", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<AttentionDecodeCuda<T>>(decode, lane);
  });
}

}  // namespace assay
