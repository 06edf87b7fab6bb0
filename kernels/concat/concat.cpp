// SPDX-License-Identifier: Apache-2.0
#include "kernels/concat/concat.h"

#include "kernels/contract.h"

namespace assay {

std::string Concat::shape() const {
  return std::to_string(p.rows) + "x(" + std::to_string(p.left) + "+" + text_of(Shape{p.parts, p.width}) +
         ") " + std::string(name(p.type));
}

std::vector<TensorSpec> Concat::inputs() const {
  return {{"left", {p.rows, p.left}, p.type, Fill::normal()},
          {"right", {p.rows, p.parts, p.width}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Concat::outputs() const {
  return {{"y", {p.rows, columns()}, p.type}};
}

Cost Concat::cost() const {
  return {.bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Concat::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t right = p.parts * p.width;
  for (std::int64_t c = 0; c < columns(); ++c)
    out.set(0, unit * columns() + c,
            c < p.left ? in[0][unit * p.left + c] : in[1][unit * right + c - p.left]);
}

Tolerance Concat::tolerance() const {
  return exact("a copy");
}

std::vector<std::shared_ptr<const Op>> concat_examples() {
  const auto op = [](const Concat::Params& params) { return std::make_shared<const Concat>(params); };
  return {
      op({.rows = 3, .left = 5, .parts = 7, .width = 11, .type = DType::f32}),
      op({.rows = 5, .left = 131, .parts = 1, .width = 8, .type = DType::bf16}),  // aligned on one side alone
      op({.rows = 5, .left = 8, .parts = 1, .width = 131, .type = DType::f16}),
      op({.rows = 1, .left = 1, .parts = 1, .width = 1, .type = DType::f32}),
      op({.rows = 300, .left = 128, .parts = 26, .width = 128, .type = DType::f32}),  // DLRM-DCNv2
      op({.rows = 300, .left = 128, .parts = 26, .width = 128, .type = DType::bf16}),
      op({.rows = 300, .left = 128, .parts = 26, .width = 128, .type = DType::f16}),
  };
}

}  // namespace assay
