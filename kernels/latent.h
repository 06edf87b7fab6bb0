// SPDX-License-Identifier: Apache-2.0
// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1): what its ops share. Keys and
// values of all heads come of one latent vector a token, which alone is kept, beside one rotated key for all
// heads.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/kv_cache.h"
#include "plan/op.h"

namespace assay {

struct LatentHeads {
  std::int64_t heads;
  std::int64_t rank;    // of the latent vector
  std::int64_t plain;   // of a query's and a key's width, what is not rotated
  std::int64_t rotary;  // what is
  std::int64_t value;   // width of a value

  std::int64_t q_width() const { return heads * (plain + rotary); }
  std::int64_t kv_width() const { return heads * (plain + value); }  // a head's plain key, then its value
  std::int64_t y_width() const { return heads * value; }
  std::int64_t cached() const { return rank + rotary; }  // elements a token
};

/// A paged cache of latent vectors, each with the rotated key behind it.
inline KvCache latent_cache(const LatentHeads& h, std::int64_t sequences, std::int64_t capacity, DType type,
                            std::optional<DType> stored = {}) {
  return {.sequences = sequences,
          .capacity = capacity,
          .kv_heads = 1,
          .head_dim = h.cached(),
          .type = type,
          .stored = stored};
}

std::string text_of(const LatentHeads& heads);  // "128x(128+64)/128 of 512"

}  // namespace assay
