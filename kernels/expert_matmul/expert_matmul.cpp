// SPDX-License-Identifier: Apache-2.0
#include "kernels/expert_matmul/expert_matmul.h"

#include "kernels/contract.h"
#include "kernels/quantised_matmul/quantised_matmul.h"
#include "kernels/route/route.h"

namespace assay {

std::string ExpertMatMul::shape() const {
  return std::to_string(p.used) + " of " + std::to_string(p.experts) + " for " + std::to_string(p.tokens) +
         ": " + text_of(Shape{p.n, p.k}) + " " + std::string(name(p.type)) +
         (p.format ? " x " + p.format->name : "") + (p.spread ? " +spread" : "") + (p.bias ? " +bias" : "");
}

std::vector<TensorSpec> ExpertMatMul::inputs() const {
  const std::int64_t rows = p.spread ? p.tokens * p.used : p.tokens;
  std::vector<TensorSpec> specs = {{"x", {rows, p.k}, p.type, Fill::normal()},
                                   {"experts", {p.tokens, p.used}, DType::i32, Fill::index(p.experts)}};
  if (p.format)
    for (TensorSpec& spec : p.format->tensors(p.experts * p.n, p.k)) specs.push_back(std::move(spec));
  else
    specs.push_back(
        {"w", {p.experts * p.n, p.k}, p.type, Fill::normal(1 / std::sqrt(static_cast<double>(p.k)))});
  if (p.bias) specs.push_back({"bias", {p.experts, p.n}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> ExpertMatMul::outputs() const {
  return {{"y", {p.tokens * p.used, p.n}, p.type}};
}

Cost ExpertMatMul::cost() const {
  const double rows = static_cast<double>(p.tokens * p.used);
  const double share = experts_touched(p.tokens, p.experts, p.used) / static_cast<double>(p.experts);
  double read = 0;
  const std::vector<TensorSpec> specs = inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    read += static_cast<double>(specs[i].bytes()) * (i < 2 ? 1 : share);
  return {.flops = 2 * rows * static_cast<double>(p.n) * static_cast<double>(p.k),
          .bytes = in_memory({.read = read, .written = bytes_of(outputs())})};
}

void ExpertMatMul::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t row = p.spread ? unit : unit / p.used, expert = in[1].integer(unit);
  for (std::int64_t n = 0; n < p.n; ++n) {
    const std::int64_t at = expert * p.n + n;
    double sum = p.bias ? in.back()[at] : 0;
    for (std::int64_t k = 0; k < p.k; ++k)
      sum += in[0][row * p.k + k] *
             (p.format ? p.format->weight(in.subspan(2), p.k, at, k) : in[2][at * p.k + k]);
    out.set(0, unit * p.n + n, sum);
  }
}

Tolerance ExpertMatMul::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  if (p.format) {
    add_quantised_sum(sum, *p.format, p.type, p.k);
    return sum.done();
  }
  sum.f32_roundings(4 * std::sqrt(static_cast<double>(p.k)), "f32 sum of sqrt(k)");
  if (bytes_of(p.type) == 2) sum.f32_roundings(static_cast<double>(p.k) / 4, "truncated sum of k / 8 steps");
  return sum.done();
}

std::string ExpertMatMul::check_inputs(std::span<const TensorView> in) const {
  if (in[1].data == nullptr && in[1].fill == nullptr) return "";
  for (std::int64_t i = 0; i < p.tokens * p.used; ++i) {
    const std::int64_t expert = in[1].integer(i);
    if (expert < 0 || expert >= p.experts)
      return "token " + std::to_string(i / p.used) + " goes to expert " + std::to_string(expert) + " of " +
             std::to_string(p.experts);
  }
  return "";
}

std::vector<std::shared_ptr<const Op>> expert_matmul_examples() {
  using enum DType;
  const auto op = [](ExpertMatMul::Params params) {
    return std::make_shared<const ExpertMatMul>(std::move(params));
  };
  return {
      op({.tokens = 3, .used = 2, .experts = 5, .n = 7, .k = 33, .type = f32}),
      op({.tokens = 5, .used = 2, .experts = 4, .n = 33, .k = 77, .type = bf16, .spread = true}),
      op({.tokens = 1, .used = 1, .experts = 1, .n = 1, .k = 1, .type = f32}),
      op({.tokens = 4, .used = 3, .experts = 6, .n = 40, .k = 64, .type = f16, .bias = true}),
      op({.tokens = 17, .used = 8, .experts = 16, .n = 256, .k = 128, .type = bf16}),
      op({.tokens = 1, .used = 8, .experts = 32, .n = 128, .k = 256, .type = bf16, .spread = true}),
      op({.tokens = 4,
          .used = 2,
          .experts = 4,
          .n = 128,
          .k = 128,
          .type = bf16,
          .format = weight_format("e4m3 in blocks")}),
      op({.tokens = 4,
          .used = 4,
          .experts = 8,
          .n = 64,
          .k = 96,
          .type = bf16,
          .format = weight_format("mxfp4"),
          .bias = true}),  // gpt-oss
  };
}

}  // namespace assay
