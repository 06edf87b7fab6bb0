// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantised_matmul/quantised_matmul.h"

namespace assay {

std::string QuantisedMatMul::shape() const {
  std::string text = text_of(Shape{p.m, p.n, p.k}) + " " + std::string(name(p.type)) + " x " + p.format.name;
  if (p.bias) text += " +bias";
  if (p.activation != Activation::none) text += " +" + std::string(name(p.activation));
  if (p.activation == Activation::softcap) text += " " + text_of(p.cap);
  return text;
}

std::vector<TensorSpec> QuantisedMatMul::inputs() const {
  std::vector<TensorSpec> specs = {{"x", {p.m, p.k}, p.type, Fill::normal()}};
  for (TensorSpec& spec : p.format.tensors(p.n, p.k)) specs.push_back(std::move(spec));
  if (p.bias) specs.push_back({"bias", {p.n}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> QuantisedMatMul::outputs() const {
  return {{"y", {p.m, p.n}, p.type}};
}

// The products alone, as of matmul: bringing weights back is work that another format does not have.
Cost QuantisedMatMul::cost() const {
  return {.flops = 2 * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void QuantisedMatMul::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t row = unit / p.n, col = unit % p.n;
  double sum = 0;
  for (std::int64_t k = 0; k < p.k; ++k)
    sum += in[0][row * p.k + k] * p.format.weight(in.subspan(1), p.k, col, k);
  if (p.bias) sum += in.back()[col];
  out.set(0, unit, activate(p.activation, sum, static_cast<double>(p.cap)));
}

void add_quantised_sum(ToleranceSum& sum, const WeightFormat& format, DType type, std::int64_t k) {
  const double terms = static_cast<double>(k);
  // Sums in f32, and on tensor cores truncated ones: see matmul.
  sum.f32_roundings(4 * std::sqrt(terms), "f32 sum of sqrt(k)");
  if (bytes_of(type) == 2) sum.f32_roundings(terms / 4, "truncated sum of k / 8 steps");
  sum.roundings(4, "weights brought to the activations' type");
  // Activations in 8 bits: a step of 1/127 of a row's largest, about 4 times its rms, off by half at most.
  if (format.multiplied == DType::i8) sum.error(4 * 4 / 254.0, "activations in int8");
  if (format.multiplied == DType::f8e4m3) {
    sum.error(4 * epsilon(DType::f8e4m3), "activations in e4m3");
    sum.error(std::ceil(terms / 32) * 0x1p-13, "13-bit sum of k / 32 steps");
  }
}

Tolerance QuantisedMatMul::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  if (p.activation != Activation::none)
    sum.roundings(amplification(p.activation), "before activation").f32_roundings(16, "activation in f32");
  add_quantised_sum(sum, p.format, p.type, p.k);
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> quantised_matmul_examples() {
  using enum DType;
  std::vector<std::shared_ptr<const Op>> ops;
  const auto add = [&](std::int64_t m, std::int64_t n, std::int64_t k, DType type, const WeightFormat& format,
                       bool bias = false) {
    ops.push_back(std::make_shared<const QuantisedMatMul>(
        QuantisedMatMul::Params{.m = m, .n = n, .k = k, .type = type, .format = format, .bias = bias}));
  };
  for (const WeightFormat& format : weight_formats()) {
    add(3, 130, 192, bf16, format);
    if (format.parts.empty()) add(1, 256, 512, f16, format, true);
  }
  add(5, 33, 64, f32, weight_formats().front());
  add(17, 4096, 4096, bf16, weight_formats().front());
  return ops;
}

}  // namespace assay
