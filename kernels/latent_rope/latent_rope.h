// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/latent.h"

namespace assay {

/// Makes queries and latent vectors ready for latent attention. Of each query head the last `rotary` elements
/// are rotated in place, pairs being neighbours: (a, b) = (h[2i], h[2i + 1]) -> (a cos - b sin, b cos + a
/// sin), with cos, sin = table[positions[token], i, 0..1]. Of kv the first `rank` elements are RMS-normalised
/// with `gain` (latent), and the others rotated like a head (key).
struct LatentRope final : Op {
  struct Params {
    std::int64_t tokens;
    LatentHeads heads;
    std::int64_t positions;  // rows of the table
    DType type = DType::bf16;
    float eps = 1e-6f;
  };
  explicit LatentRope(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "latent_rope"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // q [tokens, q_width], kv [tokens, rank + rotary], positions i32 [tokens], table f32
  // [positions, rotary / 2, 2], gain [rank]
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // q, aliases input 0; latent [tokens, rank];
                                                     // key [tokens, rotary]
  Cost cost() const override;
  std::int64_t units() const override { return p.tokens; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> latent_rope_examples();

}  // namespace assay
