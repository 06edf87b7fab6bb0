// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// What a token's experts say, put together:
///   y[t, :] = sum over i of weights[t, i] * x[t * used + i, :] (+ g[t] * shared[t, :])
/// `shared` is the expert that all tokens go to; g = sigmoid(gate[t]) where it is `gated`, else 1.
struct ExpertSum final : Op {
  struct Params {
    std::int64_t tokens, used, cols;
    DType type = DType::bf16;
    bool shared = false, gated = false;
  };
  explicit ExpertSum(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "expert_sum"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // x [tokens * used, cols], weights f32 [tokens, used] (, shared [tokens, cols]) (, gate [tokens, 1])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [tokens, cols]
  Cost cost() const override;
  std::int64_t units() const override { return p.tokens; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> expert_sum_examples();

}  // namespace assay
