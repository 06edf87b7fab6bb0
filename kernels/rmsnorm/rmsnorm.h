// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// s = scale * x + residual (or scale * x); y[r, c] = s[r, c] / sqrt(mean over c of s[r, :]^2 + eps) * (w[c]
/// + weight_offset) With a residual, s is also an output: it is the next residual, written over the one
/// given.
struct RmsNorm final : Op {
  struct Params {
    std::int64_t rows, cols;
    DType type = DType::bf16;
    bool residual = false;
    float eps = 1e-5f;
    float weight_offset = 0;  // Gemma stores w - 1
    float scale = 1;          // Granite: what a layer adds counts less
  };
  explicit RmsNorm(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "rmsnorm"; }
  std::string_view unserved() const override { return p.scale != 1 ? "a scaled input" : ""; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x [rows, cols], w [cols] (, residual [rows, cols])
  std::vector<TensorSpec> outputs() const override;  // y [rows, cols] (, s aliases residual)
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> rmsnorm_examples();

}  // namespace assay
