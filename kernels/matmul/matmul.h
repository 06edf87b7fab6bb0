// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

enum class Activation : std::uint8_t { none, relu, silu, gelu_tanh, gelu_erf, softcap, sigmoid };
std::string_view name(Activation activation);
/// Float64. `cap` is softcap's: cap * tanh(x / cap).
double activate(Activation activation, double x, double cap = 0);
/// Arithmetic of one call: every add, multiply, divide and elementary function counts 1.
double flops_of(Activation activation);
/// By how much a relative error of x > 0 may grow: the largest x f'(x) / f(x).
double amplification(Activation activation);

/// y[m, n] = activation(sum over k of x[m, k] * w[n, k] * scale_x * scale_w + bias[n]) + residual[m, n]
/// Weights are row-major [N, K], as checkpoints hold them; they stay plain on the device, so that a tied
/// embedding and every kernel share one copy. The scales are there for fp8 only (one a tensor, f32).
struct MatMul final : Op {
  struct Params {
    std::int64_t m, n, k;
    DType type = DType::bf16;  // of x and w; tf32 is f32 multiplied with 10-bit mantissas
    DType out = DType::bf16;   // of y, bias and residual
    bool bias = false;
    Activation activation = Activation::none;
    float cap = 0;  // softcap
    bool residual = false;
  };
  explicit MatMul(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "matmul"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // x [m, k], w [n, k] (, bias [n]) (, residual [m, n]) (, scale_x [1], scale_w [1])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [m, n]
  Cost cost() const override;
  std::int64_t units() const override { return p.m * p.n; }  // an output element
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> matmul_examples();

}  // namespace assay
