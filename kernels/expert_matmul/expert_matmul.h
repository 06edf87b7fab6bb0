// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/weight_format.h"

namespace assay {

/// A product of each token with the weights of each expert that it goes to:
///   y[t * used + i, :] = w[experts[t, i], :, :] x[row, :] + bias[experts[t, i], :]
/// x has a row a token (row = t), or where it is `spread` a row a token and expert (row = t * used + i).
struct ExpertMatMul final : Op {
  struct Params {
    std::int64_t tokens, used, experts;
    std::int64_t n, k;  // of an expert's matrix [n, k]
    DType type = DType::bf16;
    std::optional<WeightFormat> format = {};  // of all experts' matrices, one below the other
    bool spread = false;
    bool bias = false;
  };
  explicit ExpertMatMul(Params params) : p(std::move(params)) {}
  const Params p;

  std::string_view kind() const override { return "expert_matmul"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.format ? p.format->multiplied.value_or(p.type) : p.type; }
  // x [tokens (* used), k], experts i32 [tokens, used], w [experts * n, k] or those of its format
  // (, bias [experts, n])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [tokens * used, n]
  /// Of weights, those of the experts that so many tokens touch on average.
  Cost cost() const override;
  std::int64_t units() const override { return p.tokens * p.used; }  // a row
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
  std::string check_inputs(std::span<const TensorView> in) const override;
};

std::vector<std::shared_ptr<const Op>> expert_matmul_examples();

}  // namespace assay
