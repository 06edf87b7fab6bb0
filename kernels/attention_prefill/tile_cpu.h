// SPDX-License-Identifier: Apache-2.0
// How prefill attention is cut into tiles, and the scratch a tile needs. Independent of the vector extension:
// widths are rounded up to the widest.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/attention_prefill/attention_prefill.h"
#include "kernels/elements_cpu.h"

namespace assay::cpu {

/// A tile is some tokens of all query heads that share a key head, against kKeys keys at a time: a row is a
/// (token, head), heads innermost, so that each key and value is widened once for all of them.
struct PrefillTiling {
  static constexpr std::int64_t kKeys = 64;      // keys and values that are widened at once
  static constexpr std::int64_t kWidest = 32;    // floats of a pair of 512-bit vectors
  static constexpr std::int64_t kMostRows = 12;  // rows that the widest extension multiplies at once

  explicit PrefillTiling(const AttentionPrefill::Params& p)
      : group(p.q_heads / p.kv_heads),
        tokens(std::clamp<std::int64_t>((p.head_dim > 128 ? 60 : 120) / group, 1, p.tokens)),
        tiles((p.tokens + tokens - 1) / tokens),
        rows(round_up(tokens * group, kMostRows)),
        width(round_up(p.head_dim, kWidest)) {}

  std::int64_t group;   // query heads a key head
  std::int64_t tokens;  // a tile
  std::int64_t tiles;   // a sequence and key head
  std::int64_t rows;    // a tile, padded
  std::int64_t width;   // head_dim, padded

  // Offsets in floats into a thread's scratch. All but `maxima` and `sums` hold whole pairs of vectors.
  std::int64_t queries() const { return 0; }                           // [rows / R][width][R], scaled
  std::int64_t result() const { return queries() + rows * width; }     // [rows][width]
  std::int64_t scores() const { return result() + rows * width; }      // [rows][kKeys], then weights
  std::int64_t keys() const { return scores() + rows * kKeys; }        // [kKeys / pair][width][pair]
  std::int64_t values() const { return keys() + kKeys * width; }       // [width / pair][kKeys][pair]
  std::int64_t strip() const { return values() + kKeys * width; }      // [4][width]
  std::int64_t maxima() const { return strip() + 4 * width; }          // [rows]
  std::int64_t sums() const { return maxima() + round_up(rows, 16); }  // [rows]
  std::int64_t floats() const { return sums() + round_up(rows, 16); }
};

}  // namespace assay::cpu
