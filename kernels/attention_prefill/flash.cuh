// SPDX-License-Identifier: Apache-2.0
// What the two prefill kernels of our own share: their arguments, and which keys a block of queries sees.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "kernels/attention_prefill/attention_prefill.h"
#include "plan/kernel.h"

namespace assay {

template <typename T>
struct FlashArgs {
  const T* qkv;  // [sequences * tokens, (q_heads + 2 kv_heads) * head_dim]
  T* y;          // [sequences * tokens, q_heads * head_dim]
  std::int64_t tokens, window;
  int q_heads, kv_heads, head_dim;
  float scale, softcap;  // scores come out in powers of two: both have log2(e)
  bool causal;

  __device__ std::int64_t row() const { return std::int64_t{q_heads + 2 * kv_heads} * head_dim; }
  __device__ std::int64_t first_key(std::int64_t query) const {
    return window > 0 && query >= window ? query - window + 1 : 0;
  }
  __device__ std::int64_t last_key(std::int64_t query) const { return causal ? query : tokens - 1; }
  /// The score in powers of two, or -inf where the query does not see the key.
  __device__ float score(float dot, std::int64_t query, std::int64_t key) const {
    float s = dot * scale;
    if (softcap > 0) s = softcap * tanhf(s / softcap);
    return key <= last_key(query) && key >= first_key(query) ? s : -INFINITY;
  }
};

template <typename T>
FlashArgs<T> flash_args(const AttentionPrefill& op, Buffers in, Buffers out) {
  constexpr float kLog2E = 1.4426950408889634f;
  return {.qkv = static_cast<const T*>(in[0].data),
          .y = static_cast<T*>(out[0].data),
          .tokens = op.p.tokens,
          .window = op.p.window,
          .q_heads = static_cast<int>(op.p.q_heads),
          .kv_heads = static_cast<int>(op.p.kv_heads),
          .head_dim = static_cast<int>(op.p.head_dim),
          .scale = op.scale() * kLog2E,
          .softcap = op.p.softcap * kLog2E,
          .causal = op.p.causal};
}

/// What exponents are taken relative to: the maximum, or 0 where nothing was seen yet (-inf - -inf is NaN).
__device__ inline float flash_anchor(float maximum) {
  return maximum == -INFINITY ? 0.0f : maximum;
}

/// One query tile, head and sequence a block; the latest tiles see the most keys and so go first.
inline dim3 flash_grid(const AttentionPrefill& op, std::int64_t queries) {
  return dim3(static_cast<unsigned>((op.p.tokens + queries - 1) / queries),
              static_cast<unsigned>(op.p.q_heads), static_cast<unsigned>(op.p.sequences));
}

}  // namespace assay
