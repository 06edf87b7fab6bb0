// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// s = x + residual (or x); y[r, c] = (s[r, c] - mean) / sqrt(variance + eps) * w[c] + b[c], with the row's
/// mean and its population variance (divided by cols). With a residual, s is also an output: it is the next
/// residual, written over the one given.
struct LayerNorm final : Op {
  struct Params {
    std::int64_t rows, cols;
    DType type = DType::bf16;
    bool residual = false;
    float eps = 1e-5f;
  };
  explicit LayerNorm(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "layernorm"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // x [rows, cols], w [cols], b [cols] (, residual [rows, cols])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [rows, cols] (, s aliases residual)
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> layernorm_examples();

}  // namespace assay
