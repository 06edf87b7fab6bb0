// SPDX-License-Identifier: Apache-2.0
#include "kernels/rmsnorm/rmsnorm.h"

#include "kernels/contract.h"

namespace assay {

std::string RmsNorm::shape() const {
  return text_of(Shape{p.rows, p.cols}) + " " + std::string(name(p.type)) + (p.residual ? " +residual" : "") +
         option("offset", p.weight_offset, 0) + option("eps", p.eps, 1e-5f) + option("scale", p.scale, 1);
}

std::vector<TensorSpec> RmsNorm::inputs() const {
  std::vector<TensorSpec> specs = {
      {"x", {p.rows, p.cols}, p.type, Fill::normal()},
      {"w", {p.cols}, p.type, Fill::normal(0.1, 1 - static_cast<double>(p.weight_offset))}};
  if (p.residual) specs.push_back({"residual", {p.rows, p.cols}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> RmsNorm::outputs() const {
  std::vector<TensorSpec> specs = {{"y", {p.rows, p.cols}, p.type}};
  if (p.residual)
    specs.push_back({.name = "s", .shape = {p.rows, p.cols}, .dtype = p.type, .aliases_input = 2});
  return specs;
}

// Square, sum, times 1/rms, times w; the residual's add. What is done once a row or once a column is noise.
Cost RmsNorm::cost() const {
  const double elements = static_cast<double>(p.rows) * static_cast<double>(p.cols);
  return {.flops = (4 + (p.residual ? 1 : 0) + (p.scale != 1 ? 1 : 0)) * elements,
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void RmsNorm::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t from = unit * p.cols;
  const auto s = [&](std::int64_t c) {
    return in[0][from + c] * static_cast<double>(p.scale) + (p.residual ? in[2][from + c] : 0);
  };
  double sum_sq = 0;
  for (std::int64_t c = 0; c < p.cols; ++c) sum_sq += s(c) * s(c);
  const double inv_rms = 1 / std::sqrt(sum_sq / static_cast<double>(p.cols) + static_cast<double>(p.eps));
  for (std::int64_t c = 0; c < p.cols; ++c) {
    out.set(0, from + c, s(c) * inv_rms * (in[1][c] + static_cast<double>(p.weight_offset)));
    if (p.residual) out.set(1, from + c, s(c));
  }
}

Tolerance RmsNorm::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  if (p.residual) sum.roundings(1, "s, stored before it is normalised");
  // The squares add up without cancelling, and the root halves their error; then a root and three products.
  return sum.f32_roundings(8 + std::sqrt(static_cast<double>(p.cols)), "f32 sum of sqrt(cols) + 8").done();
}

std::vector<std::shared_ptr<const Op>> rmsnorm_examples() {
  const auto op = [](const RmsNorm::Params& params) { return std::make_shared<const RmsNorm>(params); };
  return {
      op({.rows = 3, .cols = 77, .type = DType::f32}),
      op({.rows = 5, .cols = 131, .type = DType::bf16, .residual = true}),
      op({.rows = 3, .cols = 77, .type = DType::f16, .residual = true}),
      op({.rows = 1, .cols = 1, .type = DType::f32}),
      op({.rows = 7, .cols = 33, .type = DType::f32, .residual = true, .eps = 0.5f}),  // eps that shows
      op({.rows = 4, .cols = 129, .type = DType::f32, .eps = 1e-6f, .weight_offset = 1}),
      op({.rows = 8, .cols = 2304, .type = DType::bf16, .residual = true, .eps = 1e-6f, .weight_offset = 1}),
      op({.rows = 1, .cols = 896, .type = DType::bf16, .residual = true, .eps = 1e-6f}),  // Qwen2.5-0.5B,
                                                                                          // decode
      op({.rows = 512, .cols = 896, .type = DType::bf16, .residual = true, .eps = 1e-6f}),
      op({.rows = 512, .cols = 576, .type = DType::f32, .residual = true}),  // SmolLM2-135M
      op({.rows = 17, .cols = 4096, .type = DType::bf16}),
      op({.rows = 5, .cols = 1024, .type = DType::bf16, .residual = true, .scale = 0.22f}),  // Granite
      op({.rows = 64,
          .cols = 8192,
          .type = DType::f16,
          .residual = true}),  // f16 sums of squares would overflow
  };
}

}  // namespace assay
