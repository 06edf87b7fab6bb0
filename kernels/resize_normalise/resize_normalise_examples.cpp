// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/resize_normalise/resize_normalise.h"

namespace assay {

std::vector<std::shared_ptr<const Op>> resize_normalise_examples() {
  const auto op = [](ResizeNormalise::Params params) {
    for (const PictureSize& size : params.sizes)
      params.capacity = std::max(params.capacity, size.rgb_bytes());
    return std::make_shared<const ResizeNormalise>(params);
  };
  const std::array<float, 3> mean = {0.485f, 0.456f, 0.406f},
                             deviation = {0.229f, 0.224f, 0.225f},  // ImageNet's
      half = {0.5f, 0.5f, 0.5f};
  return {
      op({.sizes = {{31, 45}, {0, 0}, {60, 17}},
          .capacity = 5003,
          .resize = 21,
          .out_h = 19,
          .out_w = 16,
          .mean = mean,
          .deviation = deviation}),
      op({.sizes = {{7, 9}, {64, 64}},  // grown, and as it is
          .resize = 64,
          .out_h = 64,
          .out_w = 63,
          .offset = CropOffset::half_down,
          .type = DType::bf16}),
      op({.sizes = {{50, 70}, {33, 20}},
          .fit = Fit::letterbox,
          .out_h = 40,
          .out_w = 48,
          .scale = 1,
          .order = ChannelOrder::bgr,
          .layout = PixelLayout::focus,
          .type = DType::f16}),
      op({.sizes = {{77, 31}, {16, 90}},
          .fit = Fit::stretch,
          .out_h = 40,
          .out_w = 24,
          .mean = half,
          .deviation = half,
          .layout = PixelLayout::patches,
          .patch = 8}),
      op({.sizes = {{1, 1}, {1, 900}, {900, 1}, {2, 3}},
          .fit = Fit::letterbox,
          .out_h = 20,
          .out_w = 34,
          .scale = 1,
          .padding = 3}),
      op({.sizes = {{1, 65500}}, .fit = Fit::stretch, .out_h = 4, .out_w = 9}),
      op({.sizes = {{375, 500}, {500, 333}}, .mean = mean, .deviation = deviation, .type = DType::bf16}),
      op({.sizes = {{375, 500}},
          .fit = Fit::stretch,
          .mean = half,
          .deviation = half,
          .layout = PixelLayout::patches,
          .type = DType::f16}),
      op({.sizes = {{1080, 1920}},
          .fit = Fit::letterbox,
          .out_h = 416,
          .out_w = 416,
          .scale = 1,
          .order = ChannelOrder::bgr,
          .layout = PixelLayout::focus,
          .type = DType::bf16}),
      op({.sizes = {{1080, 1920}}, .mean = mean, .deviation = deviation, .type = DType::f32}),
  };
}

}  // namespace assay
