// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kv_cache.h"
#include "plan/op.h"

namespace assay {

/// Attention of one new token a sequence over its paged cache: sequence b attends to tokens
/// (positions[b] - window, positions[b]] (window 0: from 0), its own included, which kv_write put there
/// before. Formula as in attention_prefill.h.
struct AttentionDecode final : Op {
  struct Params {
    std::int64_t q_heads;
    KvCache cache;
    std::int64_t context;  // tokens attended to, for cost and examples: positions are context - 1
    float scale = 0;       // 0: 1 / sqrt(head_dim)
    std::int64_t window = 0;
    float softcap = 0;
    bool sinks = false;  // as in attention_prefill.h
  };
  explicit AttentionDecode(const Params& params) : p(params) {}
  const Params p;
  std::int64_t row() const { return (p.q_heads + 2 * p.cache.kv_heads) * p.cache.head_dim; }
  float scale() const;

  std::string_view kind() const override { return "attention_decode"; }
  std::string_view unserved() const override {
    return p.sinks ? "sinks" : p.cache.stored ? "a cache of another type" : "";
  }
  std::string shape() const override;
  DType dtype() const override { return p.cache.type; }
  // qkv [sequences, row()], positions i32 [sequences], table i32, k_cache, v_cache (, sinks [q_heads])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [sequences, q_heads * head_dim]
  Cost cost() const override;
  std::int64_t units() const override { return p.cache.sequences * p.q_heads; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> attention_decode_examples();

}  // namespace assay
