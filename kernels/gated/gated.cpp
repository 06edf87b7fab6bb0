// SPDX-License-Identifier: Apache-2.0
#include "kernels/gated/gated.h"

#include <algorithm>

#include "kernels/contract.h"

namespace assay {

std::string Gated::shape() const {
  return text_of(Shape{p.rows, p.cols}) + " " + std::string(name(p.type)) + " " +
         std::string(name(p.activation)) + option("limit", p.limit, 0);
}

// Deviation 4 reaches +-13.8, where exp() of gelu_tanh's argument overflows in f32.
std::vector<TensorSpec> Gated::inputs() const {
  return {{"x", {p.rows, 2 * p.cols}, p.type, Fill::normal(4)}};
}

std::vector<TensorSpec> Gated::outputs() const {
  return {{"y", {p.rows, p.cols}, p.type}};
}

Cost Gated::cost() const {
  return {.flops = (flops_of(p.activation) + (p.limit > 0 ? 6 : 1)) * static_cast<double>(p.rows) *
                   static_cast<double>(p.cols),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Gated::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t gate = unit * 2 * p.cols, up = gate + p.cols;
  const double limit = static_cast<double>(p.limit);
  for (std::int64_t c = 0; c < p.cols; ++c) {
    if (p.limit > 0) {
      const double g = std::min(in[0][gate + 2 * c], limit);
      const double u = std::clamp(in[0][gate + 2 * c + 1], -limit, limit);
      out.set(0, unit * p.cols + c, g / (1 + std::exp(-1.702 * g)) * (u + 1));
    } else {
      out.set(0, unit * p.cols + c, activate(p.activation, in[0][gate + c]) * in[0][up + c]);
    }
  }
}

Tolerance Gated::tolerance() const {
  return ToleranceSum(p.type).roundings(1, "store").f32_roundings(16, "activation and product in f32").done();
}

std::vector<std::shared_ptr<const Op>> gated_examples() {
  using enum Activation;
  const auto op = [](const Gated::Params& params) { return std::make_shared<const Gated>(params); };
  return {
      op({.rows = 3, .cols = 77, .type = DType::f32, .activation = silu}),
      op({.rows = 3, .cols = 77, .type = DType::f32, .activation = gelu_tanh}),
      op({.rows = 5, .cols = 131, .type = DType::bf16, .activation = silu}),
      op({.rows = 5, .cols = 131, .type = DType::bf16, .activation = gelu_tanh}),
      op({.rows = 3, .cols = 77, .type = DType::f16, .activation = silu}),
      op({.rows = 3, .cols = 77, .type = DType::f32, .activation = gelu_erf}),
      op({.rows = 3, .cols = 77, .type = DType::f32, .activation = relu}),
      op({.rows = 3, .cols = 77, .type = DType::f32, .activation = sigmoid}),  // GLU
      op({.rows = 1, .cols = 4864, .type = DType::bf16, .activation = silu}),  // Qwen2.5-0.5B, decode
      op({.rows = 512, .cols = 4864, .type = DType::bf16, .activation = silu}),
      op({.rows = 512, .cols = 1536, .type = DType::f32, .activation = silu}),       // SmolLM2-135M
      op({.rows = 17, .cols = 9216, .type = DType::bf16, .activation = gelu_tanh}),  // Gemma-2-2B
      op({.rows = 64, .cols = 8192, .type = DType::f16, .activation = gelu_tanh}),
      op({.rows = 5, .cols = 2880, .type = DType::bf16, .limit = 7}),  // gpt-oss
  };
}

}  // namespace assay
