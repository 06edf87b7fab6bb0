// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Grouped-query attention over whole sequences. For query t of a sequence and head h:
///   y[t, h, :] = sum over s of softmax_s(cap(scale * q[t, h] . k[s, h / group])) v[s, h / group, :]
/// over s in (t - window, t] (window 0: all of [0, t]); cap(x) = softcap * tanh(x / softcap) where it is > 0.
/// With `sinks` each head has a logit more in its softmax, that of nothing to see (gpt-oss): it adds to the
/// sum alone. Where it is not causal (encoders), over all s of the sequence, and there is no window.
struct AttentionPrefill final : Op {
  struct Params {
    std::int64_t sequences, tokens;  // tokens a sequence
    std::int64_t q_heads, kv_heads, head_dim;
    DType type = DType::bf16;
    float scale = 0;  // 0: 1 / sqrt(head_dim)
    std::int64_t window = 0;
    float softcap = 0;
    bool causal = true;
    bool sinks = false;
  };
  explicit AttentionPrefill(const Params& params);
  const Params p;
  std::int64_t row() const { return (p.q_heads + 2 * p.kv_heads) * p.head_dim; }
  float scale() const;
  std::int64_t end_of_keys(std::int64_t token) const;  // that a token of its sequence sees, of it

  std::string_view kind() const override { return "attention_prefill"; }
  std::string_view unserved() const override { return p.sinks ? "sinks" : ""; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // qkv [sequences * tokens, row()] (, sinks [q_heads])
  std::vector<TensorSpec> outputs() const override;  // y [sequences * tokens, q_heads * head_dim]
  Cost cost() const override;                        // only the unmasked pairs count
  std::int64_t units() const override { return p.sequences * p.tokens * p.q_heads; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> attention_prefill_examples();

}  // namespace assay
