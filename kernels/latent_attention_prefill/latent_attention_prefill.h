// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/latent.h"

namespace assay {

/// Causal attention over whole sequences whose keys and values were made of latent vectors. For query t of a
/// sequence and head h, over s <= t:
///   y[t, h, :] = sum over s of softmax_s(scale * (q[t, h] . [k[s, h], key[s]])) v[s, h, :]
/// where kv holds k and v of each head, and the rotated `key` is one for all heads.
struct LatentAttentionPrefill final : Op {
  struct Params {
    std::int64_t sequences, tokens;  // tokens a sequence
    LatentHeads heads;
    DType type = DType::bf16;
    float scale = 1;
  };
  explicit LatentAttentionPrefill(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "latent_attention_prefill"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // q [rows, q_width], kv [rows, kv_width], key [rows, rotary], of sequences * tokens rows
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [rows, y_width]
  Cost cost() const override;                        // only the unmasked pairs count
  std::int64_t units() const override { return p.sequences * p.tokens * p.heads.heads; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> latent_attention_prefill_examples();

}  // namespace assay
