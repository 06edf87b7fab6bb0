// SPDX-License-Identifier: Apache-2.0
#include "kernels/expert_sum/expert_sum.h"

#include "kernels/contract.h"
#include "kernels/matmul/matmul.h"

namespace assay {

std::string ExpertSum::shape() const {
  return text_of(Shape{p.tokens, p.used, p.cols}) + " " + std::string(name(p.type)) +
         (p.shared ? " +shared" : "") + (p.gated ? " +gated" : "");
}

std::vector<TensorSpec> ExpertSum::inputs() const {
  std::vector<TensorSpec> specs = {{"x", {p.tokens * p.used, p.cols}, p.type, Fill::normal()},
                                   {"weights", {p.tokens, p.used}, DType::f32, Fill::normal(0.1, 0.3)}};
  if (p.shared) specs.push_back({"shared", {p.tokens, p.cols}, p.type, Fill::normal()});
  if (p.gated) specs.push_back({"gate", {p.tokens, 1}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> ExpertSum::outputs() const {
  return {{"y", {p.tokens, p.cols}, p.type}};
}

// A multiply-add an element of x, and of the shared expert.
Cost ExpertSum::cost() const {
  const double rows = static_cast<double>(p.tokens * (p.used + (p.shared ? 1 : 0)));
  return {.flops = 2 * rows * static_cast<double>(p.cols),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void ExpertSum::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const double gate = p.gated ? activate(Activation::sigmoid, in[3][unit]) : 1;
  for (std::int64_t c = 0; c < p.cols; ++c) {
    double sum = p.shared ? gate * in[2][unit * p.cols + c] : 0, squares = sum * sum;
    for (std::int64_t i = 0; i < p.used; ++i) {
      const std::int64_t row = unit * p.used + i;
      const double term = in[1][row] * in[0][row * p.cols + c];
      sum += term;
      squares += term * term;
    }
    out.set_sum(0, unit * p.cols + c, sum, std::sqrt(squares));
  }
}

Tolerance ExpertSum::tolerance() const {
  return ToleranceSum(p.type)
      .roundings(1, "store")
      .f32_roundings(8 + 2 * static_cast<double>(p.used), "f32 sum of `used` products, sigmoid")
      .done();
}

std::vector<std::shared_ptr<const Op>> expert_sum_examples() {
  using enum DType;
  const auto op = [](const ExpertSum::Params& params) { return std::make_shared<const ExpertSum>(params); };
  return {
      op({.tokens = 3, .used = 2, .cols = 77, .type = f32}),
      op({.tokens = 1, .used = 1, .cols = 1, .type = f32}),
      op({.tokens = 5, .used = 4, .cols = 33, .type = bf16, .shared = true, .gated = true}),
      op({.tokens = 7, .used = 6, .cols = 131, .type = f16, .shared = true}),
      op({.tokens = 64, .used = 8, .cols = 2048, .type = bf16}),
      op({.tokens = 17, .used = 8, .cols = 7168, .type = bf16, .shared = true}),  // DeepSeek-V3
  };
}

}  // namespace assay
