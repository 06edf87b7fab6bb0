// SPDX-License-Identifier: Apache-2.0
// How decode attention is split over threads, and the scratch of its parts. Independent of the vector
// extension: widths are rounded up to the widest.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/attention_decode/attention_decode.h"
#include "kernels/elements_cpu.h"

namespace assay::cpu {

/// A part is one stretch of the context of one sequence and key head, for all query heads that share it, so
/// that each key and value is read once. Parts of a head are merged by their running maxima.
struct DecodeSplit {
  static constexpr std::int64_t kMostTokens = 4 * KvCache::kBlockTokens;  // of a tile
  static constexpr std::int64_t kTileBytes = 16 * 1024;  // keys and values: half of a small first-level cache
  static constexpr std::int64_t kWidest = 32;            // floats of a pair of 512-bit vectors

  DecodeSplit(const AttentionDecode::Params& p, std::int64_t threads)
      : group(p.q_heads / p.cache.kv_heads),
        padded(round_up(group, 4)),
        tile(tile_for(2 * p.cache.head_dim * bytes_of(p.cache.type))),
        heads(p.cache.sequences * p.cache.kv_heads),
        parts(parts_for(threads, p.window > 0 ? std::min(p.window, p.cache.capacity) : p.cache.capacity)),
        width(round_up(p.cache.head_dim, kWidest)) {}

  static std::int64_t tile_for(std::int64_t token_bytes) {
    const std::int64_t blocks = kTileBytes / (token_bytes * KvCache::kBlockTokens);
    return std::clamp(blocks * KvCache::kBlockTokens, KvCache::kBlockTokens, kMostTokens);
  }
  /// Heads alone may keep all threads evenly busy; otherwise about four parts a thread, none below 256
  /// tokens.
  std::int64_t parts_for(std::int64_t threads, std::int64_t tokens) const {
    if (threads == 1 || heads % threads == 0) return 1;
    const std::int64_t wanted = (4 * threads + heads - 1) / heads;
    return std::clamp<std::int64_t>(tokens / 256, 1, wanted);
  }

  std::int64_t group;   // query heads a key head
  std::int64_t padded;  // up to whole runs of four
  std::int64_t tile;    // tokens between softmax updates: whole blocks
  std::int64_t heads;   // sequences x key heads
  std::int64_t parts;   // a head
  std::int64_t width;   // head_dim, padded

  // Floats of a part's state: results [padded][width], maxima [padded], sums [padded].
  std::int64_t maxima() const { return padded * width; }
  std::int64_t sums() const { return maxima() + padded; }
  std::int64_t part_floats() const { return round_up(sums() + padded, 16); }
  // Floats of a thread's scratch: queries [padded][width], scores [tile][4].
  std::int64_t scores() const { return padded * width; }
  std::int64_t thread_floats() const { return scores() + kMostTokens * 4; }
};

}  // namespace assay::cpu
