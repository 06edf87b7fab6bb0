// SPDX-License-Identifier: Apache-2.0
// The paged KV cache that kv_write and attention_decode share. A cache (one for keys, one for values, a
// layer) is [blocks, kv_heads, kBlockTokens, head_dim]; token t of sequence b lives in block table[b, t /
// kBlockTokens] at row t % kBlockTokens. Blocks of a sequence need not lie together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plan/op.h"

namespace assay {

struct KvCache {
  static constexpr std::int64_t kBlockTokens = 16;

  std::int64_t sequences, capacity;  // tokens a sequence may reach
  std::int64_t kv_heads, head_dim;
  DType type;                        // of queries, keys and values
  std::optional<DType> stored = {};  // of what the cache holds, where that is another type

  DType element() const { return stored.value_or(type); }
  /// " kv fp8", or nothing where it holds what it is given.
  std::string text() const { return stored ? " kv " + std::string(name(*stored)) : ""; }
  std::int64_t blocks_per_sequence() const { return (capacity + kBlockTokens - 1) / kBlockTokens; }
  std::int64_t blocks() const { return sequences * blocks_per_sequence(); }
  Shape shape() const { return {blocks(), kv_heads, kBlockTokens, head_dim}; }
  Shape table_shape() const { return {sequences, blocks_per_sequence()}; }
  /// Element offset of head h of a token, given its block.
  std::int64_t offset(std::int64_t block, std::int64_t head, std::int64_t token) const {
    return ((block * kv_heads + head) * kBlockTokens + token % kBlockTokens) * head_dim;
  }
};

}  // namespace assay
