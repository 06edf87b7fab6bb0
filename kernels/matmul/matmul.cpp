// SPDX-License-Identifier: Apache-2.0
#include "kernels/matmul/matmul.h"

#include <numbers>
#include <stdexcept>

#include "kernels/contract.h"

namespace assay {

std::string_view name(Activation activation) {
  switch (activation) {
    case Activation::none: return "none";
    case Activation::relu: return "relu";
    case Activation::silu: return "silu";
    case Activation::gelu_tanh: return "gelu_tanh";
    case Activation::gelu_erf: return "gelu_erf";
    case Activation::softcap: return "softcap";
    case Activation::sigmoid: return "sigmoid";
  }
  throw std::logic_error("unknown activation");
}

// gelu_tanh: Hendrycks and Gimpel, "Gaussian Error Linear Units", section 2.
double activate(Activation activation, double x, double cap) {
  switch (activation) {
    case Activation::none: return x;
    case Activation::relu: return x > 0 ? x : 0;
    case Activation::silu: return x / (1 + std::exp(-x));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 * std::numbers::inv_pi) * (x + 0.044715 * x * x * x)));
    case Activation::gelu_erf: return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::softcap: return cap * std::tanh(x / cap);
    case Activation::sigmoid: return 1 / (1 + std::exp(-x));
  }
  throw std::logic_error("unknown activation");
}

double flops_of(Activation activation) {
  switch (activation) {
    case Activation::none: return 0;
    case Activation::relu: return 1;
    case Activation::silu: return 4;       // negate, exp, add, divide
    case Activation::gelu_tanh: return 9;  // c1 x (1 + c2 x x) is 5; tanh, 1 +, times 0.5, times x
    case Activation::gelu_erf: return 5;   // divide, erf, 1 +, times 0.5, times x
    case Activation::softcap: return 3;    // divide, tanh, multiply
    case Activation::sigmoid: return 4;    // negate, exp, add, divide
  }
  throw std::logic_error("unknown activation");
}

double amplification(Activation activation) {
  switch (activation) {
    case Activation::silu: return 1.279;  // 1 + x (1 - sigmoid x), at 1.278
    case Activation::gelu_tanh:
    case Activation::gelu_erf: return 1.295;  // 1 + x phi(x) / Phi(x), at 0.84
    case Activation::none:
    case Activation::relu:
    case Activation::softcap:
    case Activation::sigmoid: return 1;
  }
  throw std::logic_error("unknown activation");
}

std::string MatMul::shape() const {
  const DType usual_out = p.type == DType::tf32 ? DType::f32 : p.type;
  std::string text = text_of(Shape{p.m, p.n, p.k}) + " " + std::string(name(p.type));
  if (p.out != usual_out) text += "->" + std::string(name(p.out));
  if (p.bias) text += " +bias";
  if (p.activation != Activation::none) text += " +" + std::string(name(p.activation));
  if (p.activation == Activation::softcap) text += " " + text_of(p.cap);
  if (p.residual) text += " +residual";
  return text;
}

std::vector<TensorSpec> MatMul::inputs() const {
  const bool fp8 = p.type == DType::f8e4m3;
  // Sums of k products come out at about 1. e4m3 holds no small numbers: there the scale brings the sums
  // down.
  const double shrink = 1 / std::sqrt(static_cast<double>(p.k));
  std::vector<TensorSpec> specs = {{"x", {p.m, p.k}, p.type, Fill::normal()},
                                   {"w", {p.n, p.k}, p.type, Fill::normal(fp8 ? 1 : shrink)}};
  if (p.bias) specs.push_back({"bias", {p.n}, p.out, Fill::normal()});
  if (p.residual) specs.push_back({"residual", {p.m, p.n}, p.out, Fill::normal()});
  if (fp8) {
    specs.push_back({"scale_x", {1}, DType::f32, Fill::normal(0.1, 1)});
    specs.push_back({"scale_w", {1}, DType::f32, Fill::normal(0.1 * shrink, shrink)});
  }
  return specs;
}

std::vector<TensorSpec> MatMul::outputs() const {
  return {{"y", {p.m, p.n}, p.out}};
}

// The products alone: the epilogue does not run on the units whose peak this is compared with, and would
// flatter.
Cost MatMul::cost() const {
  return {.flops = 2 * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void MatMul::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t row = unit / p.n, col = unit % p.n;
  double sum = 0;
  for (std::int64_t k = 0; k < p.k; ++k) sum += in[0][row * p.k + k] * in[1][col * p.k + k];
  std::size_t next = 2;
  const TensorView* bias = p.bias ? &in[next++] : nullptr;
  const TensorView* residual = p.residual ? &in[next++] : nullptr;
  if (p.type == DType::f8e4m3) sum *= in[next][0] * in[next + 1][0];
  if (bias != nullptr) sum += (*bias)[col];
  double y = activate(p.activation, sum, static_cast<double>(p.cap));
  if (residual != nullptr) y += (*residual)[unit];
  out.set(0, unit, y);
}

Tolerance MatMul::tolerance() const {
  const double k = static_cast<double>(p.k);
  const bool activated = p.activation != Activation::none;
  ToleranceSum sum(p.out);
  sum.roundings(1, "store");
  // A separate pass reads what the product stored.
  if (activated)
    sum.roundings(amplification(p.activation), "before activation").f32_roundings(16, "activation in f32");
  if (p.residual) sum.roundings(1, "before residual");

  // Sums in f32: a random walk of sqrt(k) roundings, 4 for the worst of a million outputs. An activation
  // leaves an rms as low as half of its argument's, so the error weighs double.
  const double weight = activated ? 2 : 1;
  sum.f32_roundings(weight * 4 * std::sqrt(k), "f32 sum of sqrt(k)");
  // Tensor cores truncate the running sum (Fasi et al., "Numerical behavior of NVIDIA tensor cores", 2021),
  // which does not average out: 2 epsilon a step of 8 values.
  if (p.type == DType::bf16 || p.type == DType::f16 || p.type == DType::tf32)
    sum.f32_roundings(weight * k / 4, "truncated sum of k / 8 steps");
  // Fills are rounded to tf32, but what another op made is not: both operands then lose up to 2 epsilon.
  if (p.type == DType::tf32) sum.error(weight * 4 * epsilon(DType::tf32), "truncated tf32 operands");
  // fp8 tensor cores keep about 13 bits of the running sum, truncated at each step of 32 values (DeepSeek-V3
  // technical report, section 3.5.2: up to 2 % at k = 4096).
  if (p.type == DType::f8e4m3) sum.error(weight * std::ceil(k / 32) * 0x1p-13, "13-bit sum of k / 32 steps");
  return sum.done();
}

}  // namespace assay
