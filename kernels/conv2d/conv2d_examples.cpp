// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d.h"

namespace assay {
namespace {

std::shared_ptr<const Op> op(const Conv2d::Params& params) {
  return std::make_shared<const Conv2d>(params);
}

/// Square: `size` pixels a side, a kernel of `taps`, padded to keep the size.
Conv2d::Params square(std::int64_t batch, std::int64_t size, std::int64_t channels, std::int64_t filters,
                      std::int64_t taps, std::int64_t stride, DType type) {
  const std::int64_t pad = taps / 2;
  return {.batch = batch,
          .height = size,
          .width = size,
          .channels = channels,
          .filters = filters,
          .kernel_h = taps,
          .kernel_w = taps,
          .stride_h = stride,
          .stride_w = stride,
          .pad = {pad, pad, pad, pad},
          .type = type};
}

/// Divides nothing: sizes, strides and paddings all differ.
Conv2d::Params crooked(DType type, std::int64_t groups) {
  return {.batch = 2,
          .height = 11,
          .width = 9,
          .channels = 5 * groups,
          .filters = 7 * groups,
          .kernel_h = 3,
          .kernel_w = 2,
          .stride_h = 2,
          .stride_w = 1,
          .pad = {.top = 0, .left = 1, .bottom = 2, .right = 0},
          .groups = groups,
          .type = type};
}

Conv2d::Params with(Conv2d::Params p, Activation activation, Residual residual = Residual::none) {
  p.activation = activation;
  p.residual = residual;
  return p;
}
Conv2d::Params grouped(Conv2d::Params p, std::int64_t groups) {
  p.groups = groups;
  return p;
}
Conv2d::Params dilated(Conv2d::Params p, std::int64_t dilation) {
  p.dilation = dilation;
  p.pad = {dilation, dilation, dilation, dilation};
  return p;
}

}  // namespace

std::vector<std::shared_ptr<const Op>> conv2d_examples() {
  using enum DType;
  using enum Activation;
  constexpr Residual before_activation = Residual::before_activation,
                     after_activation = Residual::after_activation;
  std::vector<std::shared_ptr<const Op>> all = {
      op({.batch = 1, .height = 1, .width = 1, .channels = 1, .filters = 1}),
      // A kernel larger than the picture: at every position some taps are padding.
      op(with(square(1, 2, 3, 4, 5, 1, f32), relu)),
      // A first layer, and one whose filters fill no vector.
      op(with(square(1, 56, 3, 64, 7, 2, f32), relu)),
      op(with(square(2, 14, 12, 24, 3, 1, f32), silu)),
      // Bottlenecks of ResNet-50 at 28 and 7 pixels, with every way of a residual.
      op(with(square(1, 28, 128, 128, 3, 1, f32), relu)),
      op(with(square(1, 28, 128, 512, 1, 1, f32), relu, before_activation)),
      op(with(square(1, 28, 256, 512, 1, 2, f32), none)),
      op(with(square(2, 7, 512, 64, 3, 1, f32), none, before_activation)),
      op(with(square(1, 13, 64, 64, 3, 1, f32), silu, after_activation)),
      op(with(square(1, 13, 64, 64, 1, 1, f32), relu, after_activation)),
      op(with(square(1, 13, 40, 85, 1, 1, f32), none, after_activation)),
      op(with(square(1, 14, 256, 256, 3, 1, f32), relu)),
      // Taps by the thousand of narrow rows, in one run and in several; an odd number of filters' vectors; no
      // padding.
      op(with(square(1, 7, 520, 40, 3, 1, f32), relu, before_activation)),
      op(dilated(square(1, 7, 520, 24, 3, 1, f32), 2)),
      op(with(
          {.batch = 2, .height = 9, .width = 8, .channels = 20, .filters = 24, .kernel_h = 3, .kernel_w = 3},
          silu)),
      // 3x3 of stride 1 whose paddings differ, a row of them without any of x; channels in two uneven parts.
      op(with({.batch = 2,
               .height = 6,
               .width = 10,
               .channels = 70,
               .filters = 20,
               .kernel_h = 3,
               .kernel_w = 3,
               .pad = {.top = 4, .left = 1, .bottom = 0, .right = 2}},
              silu, after_activation)),
      // YOLOX-nano's depthwise layers, ResNeXt's groups, and channels that no vector holds whole.
      op(with(grouped(square(1, 26, 64, 64, 3, 1, f32), 64), silu)),
      op(with(grouped(square(1, 27, 36, 36, 5, 2, f32), 36), relu, before_activation)),
      op(with(grouped(square(1, 14, 128, 256, 3, 1, f32), 32), relu)),
      op(grouped(square(1, 9, 6, 12, 3, 1, f32), 6)),  // two filters a channel
      op(with(dilated(square(1, 17, 16, 32, 3, 1, f32), 2), relu)),
      op(with(dilated(grouped(square(1, 17, 32, 32, 3, 2, f32), 32), 3), silu)),
  };
  for (const DType type : {f32, bf16, f16}) {
    all.push_back(op(crooked(type, 1)));
    all.push_back(op(with(crooked(type, 3), relu, before_activation)));
  }
  for (const DType type : {bf16, f16}) {
    all.push_back(op(with(square(1, 30, 3, 64, 7, 2, type), relu)));
    all.push_back(op(with(square(1, 14, 64, 96, 3, 1, type), silu, after_activation)));
    all.push_back(op(with(square(1, 14, 64, 256, 1, 1, type), relu, before_activation)));
    all.push_back(op(with(square(1, 14, 96, 64, 1, 1, type), silu)));
    all.push_back(op(with(square(2, 14, 128, 64, 1, 2, type), none)));
    all.push_back(op(with(grouped(square(1, 26, 64, 64, 3, 1, type), 64), silu)));
    all.push_back(op(with(grouped(square(1, 14, 36, 36, 3, 2, type), 36), relu)));
    all.push_back(op(with(grouped(square(1, 14, 64, 64, 3, 1, type), 8), relu, before_activation)));
    all.push_back(op(with(dilated(square(1, 15, 16, 32, 3, 1, type), 2), none)));
  }
  return all;
}

}  // namespace assay
