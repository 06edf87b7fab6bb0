// SPDX-License-Identifier: Apache-2.0
#include "kernels/upsample/upsample.h"

#include "kernels/contract.h"

namespace assay {

std::string Upsample::shape() const {
  return text_of(Shape{p.batch, p.height, p.width, p.channels}) + " times " + std::to_string(p.factor) + " " +
         std::string(name(p.type));
}

std::vector<TensorSpec> Upsample::inputs() const {
  return {{"x", {p.batch, p.height, p.width, p.channels}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Upsample::outputs() const {
  return {{"y", {p.batch, p.factor * p.height, p.factor * p.width, p.channels}, p.type}};
}

Cost Upsample::cost() const {
  return {.bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Upsample::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t row = unit / p.width, column = unit % p.width;  // rows of all images
  for (std::int64_t h = 0; h < p.factor; ++h)
    for (std::int64_t w = 0; w < p.factor; ++w) {
      const std::int64_t pixel = (row * p.factor + h) * p.width * p.factor + column * p.factor + w;
      for (std::int64_t c = 0; c < p.channels; ++c)
        out.set(0, pixel * p.channels + c, in[0][unit * p.channels + c]);
    }
}

Tolerance Upsample::tolerance() const {
  return exact("a copy");
}

std::vector<std::shared_ptr<const Op>> upsample_examples() {
  using enum DType;
  const auto op = [](const Upsample::Params& params) { return std::make_shared<const Upsample>(params); };
  return {
      op({.batch = 2, .height = 3, .width = 5, .channels = 7, .type = f32}),
      op({.batch = 1, .height = 1, .width = 1, .channels = 1, .type = f32}),
      op({.batch = 2, .height = 5, .width = 3, .channels = 77, .factor = 3, .type = bf16}),
      op({.batch = 1, .height = 4, .width = 4, .channels = 24, .factor = 1, .type = f16}),
      op({.batch = 1, .height = 2, .width = 3, .channels = 16, .factor = 5, .type = f32}),
      op({.batch = 1, .height = 20, .width = 20, .channels = 256, .type = bf16}),  // YOLOX-S
      op({.batch = 2, .height = 40, .width = 40, .channels = 128, .type = f16}),
      op({.batch = 1, .height = 20, .width = 20, .channels = 256, .type = f32}),
  };
}

}  // namespace assay
