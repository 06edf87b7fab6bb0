// SPDX-License-Identifier: Apache-2.0
#include "kernels/layernorm/layernorm.h"

#include "kernels/contract.h"

namespace assay {
namespace {

/// Of the examples' x, in deviations: a kernel that takes the mean for 0, or loses the variance beside it,
/// shows.
constexpr double kMean = 4;

}  // namespace

std::string LayerNorm::shape() const {
  return text_of(Shape{p.rows, p.cols}) + " " + std::string(name(p.type)) + (p.residual ? " +residual" : "") +
         option("eps", p.eps, 1e-5f);
}

std::vector<TensorSpec> LayerNorm::inputs() const {
  std::vector<TensorSpec> specs = {{"x", {p.rows, p.cols}, p.type, Fill::normal(1, kMean)},
                                   {"w", {p.cols}, p.type, Fill::normal(0.1, 1)},
                                   {"b", {p.cols}, p.type, Fill::normal()}};
  if (p.residual) specs.push_back({"residual", {p.rows, p.cols}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> LayerNorm::outputs() const {
  std::vector<TensorSpec> specs = {{"y", {p.rows, p.cols}, p.type}};
  if (p.residual)
    specs.push_back({.name = "s", .shape = {p.rows, p.cols}, .dtype = p.type, .aliases_input = 3});
  return specs;
}

// Sum, minus mean, square, sum, times 1/deviation, times w, plus b; the residual's add.
Cost LayerNorm::cost() const {
  const double elements = static_cast<double>(p.rows) * static_cast<double>(p.cols);
  return {.flops = (7 + (p.residual ? 1 : 0)) * elements,
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void LayerNorm::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t from = unit * p.cols;
  const double cols = static_cast<double>(p.cols);
  const auto s = [&](std::int64_t c) { return in[0][from + c] + (p.residual ? in[3][from + c] : 0); };
  double sum = 0, sum_sq = 0;
  for (std::int64_t c = 0; c < p.cols; ++c) sum += s(c);
  const double mean = sum / cols;
  for (std::int64_t c = 0; c < p.cols; ++c) sum_sq += (s(c) - mean) * (s(c) - mean);
  const double inv_deviation = 1 / std::sqrt(sum_sq / cols + static_cast<double>(p.eps));
  for (std::int64_t c = 0; c < p.cols; ++c) {
    out.set(0, from + c, (s(c) - mean) * inv_deviation * in[1][c] + in[2][c]);
    if (p.residual) out.set(1, from + c, s(c));
  }
}

Tolerance LayerNorm::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  // Rounding s costs up to |s| / deviation epsilons of y, and b may cancel what is left.
  if (p.residual) sum.roundings(2 + kMean, "s, stored before it is normalised, (2 + mean / deviation)");
  // The mean's error is relative to the mean and shows against the deviation.
  return sum
      .f32_roundings((1 + kMean) * (4 + std::sqrt(static_cast<double>(p.cols))),
                     "f32 sums of (4 + sqrt(cols)) (1 + mean / deviation)")
      .done();
}

std::vector<std::shared_ptr<const Op>> layernorm_examples() {
  const auto op = [](const LayerNorm::Params& params) { return std::make_shared<const LayerNorm>(params); };
  return {
      op({.rows = 3, .cols = 77, .type = DType::f32}),
      op({.rows = 5, .cols = 131, .type = DType::bf16}),
      op({.rows = 7, .cols = 33, .type = DType::bf16, .residual = true}),
      op({.rows = 3, .cols = 77, .type = DType::f16, .residual = true}),
      op({.rows = 6, .cols = 45, .type = DType::f32, .residual = true, .eps = 0.5f}),  // eps that shows
      op({.rows = 2, .cols = 16, .type = DType::f32}),  // of fewer columns the deviation may come out near 0
      op({.rows = 1, .cols = 768, .type = DType::bf16, .residual = true}),  // GPT-2, decode
      op({.rows = 512, .cols = 768, .type = DType::bf16, .residual = true}),
      op({.rows = 512, .cols = 768, .type = DType::f32, .residual = true}),
      op({.rows = 17, .cols = 4096, .type = DType::f32}),
      op({.rows = 64, .cols = 8192, .type = DType::f16}),
  };
}

}  // namespace assay
