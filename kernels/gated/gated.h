// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/matmul/matmul.h"
#include "plan/op.h"

namespace assay {

/// y[r, c] = activation(x[r, c]) * x[r, cols + c]: gate and up projections come fused, gate first.
/// With a limit, gpt-oss's form of it, gates and ups by turns: g = min(x[r, 2c], limit),
/// u = x[r, 2c + 1] within +-limit, and y[r, c] = g * sigmoid(1.702 g) * (u + 1), whatever the activation.
struct Gated final : Op {
  struct Params {
    std::int64_t rows, cols;  // of y
    DType type = DType::bf16;
    Activation activation = Activation::silu;
    float limit = 0;  // 0: none
  };
  explicit Gated(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "gated"; }
  std::string_view unserved() const override { return p.limit > 0 ? "a limit" : ""; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x [rows, 2 cols]
  std::vector<TensorSpec> outputs() const override;  // y [rows, cols]
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> gated_examples();

}  // namespace assay
