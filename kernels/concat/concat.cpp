// SPDX-License-Identifier: Apache-2.0
#include "kernels/concat/concat.h"

#include <stdexcept>

#include "kernels/contract.h"

namespace assay {

Concat::Concat(const Params& params) : p(params) {
  if (p.parts.size() < 2 || p.parts.size() > kMost)
    throw std::logic_error("concat of " + std::to_string(p.parts.size()) + " inputs");
}

std::int64_t Concat::begin(std::size_t input) const {
  std::int64_t column = 0;
  for (std::size_t i = 0; i < input; ++i) column += elements_of(p.parts[i]);
  return column;
}

std::int64_t Concat::columns() const {
  return begin(p.parts.size());
}

std::string Concat::shape() const {
  std::string parts;
  for (const Shape& part : p.parts) parts += (parts.empty() ? "" : "+") + text_of(part);
  return text_of(p.rows) + "x(" + parts + ") " + std::string(name(p.type));
}

std::vector<TensorSpec> Concat::inputs() const {
  std::vector<TensorSpec> specs;
  for (const Shape& part : p.parts) {
    Shape shape = p.rows;
    shape.insert(shape.end(), part.begin(), part.end());
    specs.push_back({"x" + std::to_string(specs.size()), std::move(shape), p.type, Fill::normal()});
  }
  return specs;
}

std::vector<TensorSpec> Concat::outputs() const {
  Shape shape = p.rows;
  shape.push_back(columns());
  return {{"y", std::move(shape), p.type}};
}

Cost Concat::cost() const {
  return {.bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Concat::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  for (std::size_t i = 0; i < p.parts.size(); ++i) {
    const std::int64_t to = unit * columns() + begin(i), width = elements_of(p.parts[i]);
    for (std::int64_t c = 0; c < width; ++c) out.set(0, to + c, in[i][unit * width + c]);
  }
}

Tolerance Concat::tolerance() const {
  return exact("a copy");
}

std::vector<std::shared_ptr<const Op>> concat_examples() {
  using enum DType;
  const auto op = [](const Concat::Params& params) { return std::make_shared<const Concat>(params); };
  return {
      op({.rows = {3}, .parts = {{5}, {7, 11}}, .type = f32}),
      op({.rows = {5}, .parts = {{131}, {8}}, .type = bf16}),  // aligned on one side alone
      op({.rows = {5}, .parts = {{8}, {131}}, .type = f16}),
      op({.rows = {1}, .parts = {{1}, {1}}, .type = f32}),
      op({.rows = {2, 3, 5}, .parts = {{4}, {1}, {9}, {2}, {16}, {3}, {8}, {5}}, .type = f32}),
      op({.rows = {2, 5, 3}, .parts = {{8}, {16}, {40}, {8}, {8}, {24}, {8}, {64}}, .type = bf16}),
      op({.rows = {300}, .parts = {{128}, {26, 128}}, .type = f32}),  // DLRM-DCNv2
      op({.rows = {300}, .parts = {{128}, {26, 128}}, .type = bf16}),
      op({.rows = {300}, .parts = {{128}, {26, 128}}, .type = f16}),
      op({.rows = {2, 20, 20}, .parts = {{256}, {256}, {256}, {256}}, .type = bf16}),  // YOLOX-S
      op({.rows = {1, 80, 80}, .parts = {{128}, {128}}, .type = f16}),
  };
}

}  // namespace assay
