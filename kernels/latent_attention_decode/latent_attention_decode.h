// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/latent.h"
#include "kernels/weight_format.h"

namespace assay {

/// Attention of one new token a sequence over cached latent vectors, its own included. Keys and values are
/// never made: what would make them, w [kv_width, rank], is taken to the query and to the output (arXiv
/// 2405.04434, section 2.1.2). With rows K of w for a head's plain key, rows V for its value, and c, r what
/// is cached of token s:
///   score_s = scale * ((K^T q_plain) . c[s] + q_rotary . r[s])     y = V (sum over s of softmax(score)_s
///   c[s])
struct LatentAttentionDecode final : Op {
  struct Params {
    LatentHeads heads;
    KvCache cache;
    std::int64_t context;  // tokens attended to, for cost and examples: positions are context - 1
    std::optional<WeightFormat> format = {};  // of w
    float scale = 1;
  };
  explicit LatentAttentionDecode(Params params) : p(std::move(params)) {}
  const Params p;

  std::string_view kind() const override { return "latent_attention_decode"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.cache.type; }
  // q [sequences, q_width], positions i32 [sequences], table i32, cache, w [kv_width, rank] or those of its
  // format
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [sequences, y_width]
  Cost cost() const override;
  std::int64_t units() const override { return p.cache.sequences * p.heads.heads; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> latent_attention_decode_examples();

}  // namespace assay
