// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross/cross.h"

#include "kernels/contract.h"

namespace assay {

std::string Cross::shape() const {
  return text_of(Shape{p.rows, p.cols}) + " " + std::string(name(p.type));
}

std::vector<TensorSpec> Cross::inputs() const {
  return {{"x0", {p.rows, p.cols}, p.type, Fill::normal()},
          {"u", {p.rows, p.cols}, p.type, Fill::normal()},
          {"x", {p.rows, p.cols}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Cross::outputs() const {
  return {{"y", {p.rows, p.cols}, p.type}};
}

Cost Cross::cost() const {
  return {.flops = 2 * static_cast<double>(p.rows) * static_cast<double>(p.cols),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Cross::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  for (std::int64_t i = unit * p.cols; i < (unit + 1) * p.cols; ++i)
    out.set(0, i, in[0][i] * in[1][i] + in[2][i]);
}

// The product may cancel against x: an error is then of terms of up to 16 times the rms of the sum.
Tolerance Cross::tolerance() const {
  return ToleranceSum(p.type).roundings(1, "store").f32_roundings(16, "product and sum in f32").done();
}

std::vector<std::shared_ptr<const Op>> cross_examples() {
  const auto op = [](const Cross::Params& params) { return std::make_shared<const Cross>(params); };
  return {
      op({.rows = 3, .cols = 77, .type = DType::f32}),
      op({.rows = 5, .cols = 131, .type = DType::bf16}),
      op({.rows = 3, .cols = 77, .type = DType::f16}),
      op({.rows = 1, .cols = 1, .type = DType::f32}),
      op({.rows = 1, .cols = 3456, .type = DType::bf16}),
      op({.rows = 300, .cols = 3456, .type = DType::f32}),  // DLRM-DCNv2: 27 vectors of 128
      op({.rows = 300, .cols = 3456, .type = DType::bf16}),
      op({.rows = 300, .cols = 3456, .type = DType::f16}),
  };
}

}  // namespace assay
