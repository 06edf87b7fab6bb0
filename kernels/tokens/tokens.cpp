// SPDX-License-Identifier: Apache-2.0
#include "kernels/tokens/tokens.h"

#include "kernels/contract.h"

namespace assay {

std::string Tokens::shape() const {
  return text_of(Shape{p.images, p.patches, p.width}) + " " + std::string(name(p.type));
}

std::vector<TensorSpec> Tokens::inputs() const {
  return {{"x", {p.images * p.patches, p.width}, p.type, Fill::normal()},
          {"class_token", {p.width}, p.type, Fill::normal()},
          {"positions", {1 + p.patches, p.width}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Tokens::outputs() const {
  return {{"y", {p.images * (1 + p.patches), p.width}, p.type}};
}

Cost Tokens::cost() const {
  return {.flops = static_cast<double>(elements_of(outputs()[0].shape)),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Tokens::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t image = unit / (1 + p.patches), token = unit % (1 + p.patches);
  for (std::int64_t c = 0; c < p.width; ++c) {
    const double from = token == 0 ? in[1][c] : in[0][(image * p.patches + token - 1) * p.width + c];
    out.set(0, unit * p.width + c, from + in[2][token * p.width + c]);
  }
}

Tolerance Tokens::tolerance() const {
  return ToleranceSum(p.type).roundings(1, "store").f32_roundings(1, "sum in f32").done();
}

std::vector<std::shared_ptr<const Op>> tokens_examples() {
  using enum DType;
  const auto op = [](const Tokens::Params& params) { return std::make_shared<const Tokens>(params); };
  return {
      op({.images = 2, .patches = 3, .width = 77, .type = f32}),
      op({.images = 1, .patches = 1, .width = 1, .type = f32}),
      op({.images = 3, .patches = 5, .width = 131, .type = bf16}),
      op({.images = 3, .patches = 4, .width = 24, .type = f16}),
      op({.images = 1, .patches = 196, .width = 768, .type = bf16}),  // ViT-B/16 at 224
      op({.images = 4, .patches = 196, .width = 768, .type = f32}),
      op({.images = 4, .patches = 196, .width = 768, .type = f16}),
  };
}

}  // namespace assay
