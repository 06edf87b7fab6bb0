// SPDX-License-Identifier: Apache-2.0
// What the decode kernels share on the host: into how many splits a context is divided, the memory in which
// splits meet, and the launch.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "device/cuda/launch.cuh"
#include "device/device.h"
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_decode/decode_merge.cuh"

namespace assay {

/// Into how many splits, at most `most`, to divide each of `rows` contexts so that blocks of which `at_once`
/// run at a time fill the device to the end: the fewest of those within 3 % of the best, with at most
/// `blocks` in all.
inline std::int64_t splits_that_fill(std::int64_t rows, std::int64_t at_once, std::int64_t most,
                                     std::int64_t blocks) {
  const auto filled = [&](std::int64_t splits) {
    const std::int64_t waves = (rows * splits + at_once - 1) / at_once;
    return static_cast<double>(rows * splits) / static_cast<double>(waves * at_once);
  };
  const std::int64_t last = std::clamp<std::int64_t>(blocks / rows, 1, most);
  std::int64_t best = 1;
  for (std::int64_t splits = 2; splits <= last; ++splits)
    if (filled(splits) > filled(best) + 0.03) best = splits;
  return best;
}

/// Unsupported beyond what a grid takes.
inline void require_decode_grid(const AttentionDecode& op, const std::string& kernel) {
  if (op.p.cache.sequences > 65535)
    throw Unsupported(kernel + " takes up to 65535 sequences, not " + std::to_string(op.p.cache.sequences));
}

/// Its variants are ways to divide contexts; the first is a guess.
template <typename T>
class DecodeKernel : public Kernel {
 public:
  explicit DecodeKernel(const AttentionDecode& op) : p_(op.p), scale_(op.scale()) {}

  std::int64_t workspace_bytes() const override {
    return sums_ == nullptr ? 0
                            : sums_->buffer().bytes + partial_->buffer().bytes + finished_->buffer().bytes;
  }
  std::vector<std::string> variants() const override {
    std::vector<std::string> names;
    for (const std::int64_t splits : splits_) names.push_back("splits " + std::to_string(splits));
    return names;
  }
  void use(std::size_t variant) override { way_ = variant; }

 protected:
  /// For blocks that share up to `heads` query heads of a KV head, of which a multiprocessor runs `blocks` at
  /// a time: takes the memory for the ways to divide contexts among them.
  void divide(Lane& lane, int heads, int blocks) {
    const auto& cache = p_.cache;
    const std::int64_t group = p_.q_heads / cache.kv_heads;
    chunks_ = (group + heads - 1) / heads;
    const std::int64_t at_once = std::max<std::int64_t>(1, lane.device().info().units) * std::int64_t{blocks};
    const std::int64_t longest =
        p_.window > 0 ? std::min(p_.window + KvCache::kBlockTokens, cache.capacity) : cache.capacity;
    const std::int64_t most =
        std::min<std::int64_t>(kMaxSplits, (longest + SplitRange::kGrain - 1) / SplitRange::kGrain);
    // Fewer have less to merge, more end more evenly: what runs at once, parts of it, several times it.
    for (const std::int64_t blocks_in_all : {at_once, at_once / 2, at_once / 4, 4 * at_once}) {
      const std::int64_t splits =
          splits_that_fill(cache.sequences * cache.kv_heads * chunks_, at_once, most, blocks_in_all);
      if (std::ranges::find(splits_, splits) == splits_.end()) splits_.push_back(splits);
    }
    take_memory(lane, *std::ranges::max_element(splits_));
  }

  void start(void (*kernel)(DecodeArgs<T>), const Stream& stream, Buffers in, Buffers out) const {
    constexpr float kLog2E = 1.4426950408889634f;
    const auto& cache = p_.cache;
    const std::int64_t splits = splits_.at(way_);
    const DecodeArgs<T> args{
        .qkv = static_cast<const T*>(in[0].data),
        .positions = static_cast<const std::int32_t*>(in[1].data),
        .table = static_cast<const std::int32_t*>(in[2].data),
        .k_cache = static_cast<const T*>(in[3].data),
        .v_cache = static_cast<const T*>(in[4].data),
        .y = static_cast<T*>(out[0].data),
        .sums = splits > 1 ? static_cast<float2*>(sums_->buffer().data) : nullptr,
        .partial = splits > 1 ? static_cast<float*>(partial_->buffer().data) : nullptr,
        .finished = splits > 1 ? static_cast<unsigned*>(finished_->buffer().data) : nullptr,
        .blocks_per_sequence = cache.blocks_per_sequence(),
        .window = p_.window,
        .q_heads = static_cast<int>(p_.q_heads),
        .kv_heads = static_cast<int>(cache.kv_heads),
        .head_dim = static_cast<int>(cache.head_dim),
        .splits = static_cast<int>(splits),
        .chunks = static_cast<int>(chunks_),
        .scale = scale_ * kLog2E,
        .softcap = p_.softcap * kLog2E};  // cap and scale grow alike: tanh(s / cap) stays
    const dim3 grid(static_cast<unsigned>(splits), static_cast<unsigned>(cache.kv_heads * chunks_),
                    static_cast<unsigned>(cache.sequences));
    launch_early(kernel, grid, kDecodeThreads, 0, stream, args);
  }

 private:
  void take_memory(Lane& lane, std::int64_t most_splits) {
    if (most_splits == 1) return;
    const auto& cache = p_.cache;
    const std::int64_t rows = cache.sequences * p_.q_heads * most_splits;
    sums_ = lane.device().allocate(rows * static_cast<std::int64_t>(sizeof(float2)));
    partial_ = lane.device().allocate(rows * cache.head_dim * static_cast<std::int64_t>(sizeof(float)));
    const std::vector<unsigned> zeros(static_cast<std::size_t>(cache.sequences * cache.kv_heads * chunks_));
    const auto bytes = static_cast<std::int64_t>(zeros.size() * sizeof(unsigned));
    finished_ = lane.device().allocate(bytes);
    lane.write(finished_->buffer(), zeros.data(), bytes);
  }

  const AttentionDecode::Params p_;
  const float scale_;
  std::int64_t chunks_ = 1;
  std::vector<std::int64_t> splits_;  // of a context: the ways to divide it
  std::size_t way_ = 0;
  std::unique_ptr<Memory> sums_, partial_, finished_;
};

}  // namespace assay
