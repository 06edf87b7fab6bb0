// SPDX-License-Identifier: Apache-2.0
// Where a pixel of the output comes from, for host C++ and for CUDA: which part of a resized picture is asked
// for, which source pixels a resized one is made of, and where it goes. Places are computed in double: of
// 65500 columns a float would not know the last ones from their neighbours.
#pragma once

#include <cstdint>

#include "base/host_device.h"

namespace assay {

enum class Fit : std::uint8_t {
  /// The shorter side becomes `resize`, the longer one int(resize * longer / shorter), and the middle is cut
  /// out
  /// (torchvision's Resize of one number and CenterCrop; transformers' shortest_edge and center_crop).
  crop,
  /// Both sides become the output's, whatever the shape (transformers' size of a height and a width: ViT).
  stretch,
  /// By the same ratio r = min(out_h / height, out_w / width) to int(height r) x int(width r), in the top
  /// left
  /// corner; the padding beside it (YOLOX, yolox/data/data_augment.py, preproc).
  letterbox,
};
/// Where a crop begins, of `spare` rows or columns too many.
enum class CropOffset : std::uint8_t {
  half_to_even,  // torchvision: int(round(spare / 2.0)), and Python rounds 0.5 to even
  half_down,     // transformers: spare // 2
};
enum class ChannelOrder : std::uint8_t { rgb, bgr };
/// What y is, of images [N] of H x W pixels with 3 channels.
enum class PixelLayout : std::uint8_t {
  nhwc,     // [N, H, W, 3]
  patches,  // [N * H/P * W/P, 3 * P * P]: a square after the other, each by channel, row and column
  focus,    // [N, H/2, W/2, 12]: of a square of 2 x 2 the top left, bottom left, top right and bottom right
            // pixel
};

/// All that a kernel needs of the op besides tensors.
struct ResizeRule {
  std::int64_t images = 0, capacity = 0;
  std::int32_t resize = 0, out_h = 0, out_w = 0, patch = 1;
  Fit fit = Fit::crop;
  CropOffset offset = CropOffset::half_to_even;
  ChannelOrder order = ChannelOrder::rgb;
  PixelLayout layout = PixelLayout::nhwc;
  float padding = 0;
  float factor[3] = {1, 1, 1}, term[3] = {0, 0, 0};  // of an output channel: y = v * factor + term
};

/// How one picture fills its output.
struct ResizeView {
  std::int32_t height = 0, width = 0;  // of the picture; 0: none, all padding
  std::int32_t resized_h = 0, resized_w = 0;
  std::int32_t top = 0, left = 0;         // of the output's first pixel in the resized picture
  std::int32_t shown_h = 0, shown_w = 0;  // of the output that the picture fills, from the top left on
};

ASSAY_HOST_DEVICE constexpr std::int64_t crop_begin(std::int64_t spare, CropOffset offset) {
  const std::int64_t half = spare / 2;
  return offset == CropOffset::half_to_even && spare % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

/// Sizes that no picture within `capacity` has are none.
ASSAY_HOST_DEVICE constexpr bool is_picture(std::int64_t height, std::int64_t width, std::int64_t capacity) {
  return height > 0 && width > 0 && height <= 65500 && width <= 65500 && 3 * height * width <= capacity;
}

ASSAY_HOST_DEVICE inline ResizeView view_of(const ResizeRule& rule, std::int64_t height, std::int64_t width) {
  ResizeView v;
  if (!is_picture(height, width, rule.capacity)) return v;
  v.height = static_cast<std::int32_t>(height);
  v.width = static_cast<std::int32_t>(width);
  v.resized_h = rule.out_h;
  v.resized_w = rule.out_w;
  if (rule.fit == Fit::crop) {
    // A quotient of integers below 2^53 that is no integer is farther from one than a double rounds: the
    // floor is what both libraries' int(float) gives.
    const std::int64_t resize = rule.resize;
    v.resized_h = static_cast<std::int32_t>(height <= width ? resize : resize * height / width);
    v.resized_w = static_cast<std::int32_t>(width <= height ? resize : resize * width / height);
    v.top = static_cast<std::int32_t>(crop_begin(v.resized_h - rule.out_h, rule.offset));
    v.left = static_cast<std::int32_t>(crop_begin(v.resized_w - rule.out_w, rule.offset));
  } else if (rule.fit == Fit::letterbox) {
    const double by_height = static_cast<double>(rule.out_h) / static_cast<double>(height),
                 by_width = static_cast<double>(rule.out_w) / static_cast<double>(width);
    const double ratio = by_height < by_width ? by_height : by_width;
    v.resized_h = static_cast<std::int32_t>(static_cast<double>(height) * ratio);
    v.resized_w = static_cast<std::int32_t>(static_cast<double>(width) * ratio);
    if (v.resized_h < 1) v.resized_h = 1;  // a line stays one
    if (v.resized_w < 1) v.resized_w = 1;
  }
  v.shown_h = v.resized_h < rule.out_h ? v.resized_h : rule.out_h;
  v.shown_w = v.resized_w < rule.out_w ? v.resized_w : rule.out_w;
  return v;
}

/// What a resized pixel is made of along one direction, as Pillow's BILINEAR does with antialiasing (Pillow,
/// src/libImaging/Resample.c): a triangle whose half is as wide as a resized pixel, or as a source pixel
/// where the picture grows; the part of it within the picture counts, and weights are divided by their sum.
struct Taps {
  std::int32_t begin = 0, count = 0;  // source pixels
  float offset = 0;                   // of the first one's middle from the triangle's, in source pixels
  float inverse = 1;                  // of half the triangle's width
  /// Of the k-th; not yet divided by the sum.
  ASSAY_HOST_DEVICE float weight(std::int32_t k) const {
    const float distance = offset + static_cast<float>(k);
    const float below = 1 - (distance < 0 ? -distance : distance) * inverse;
    return below > 0 ? below : 0;
  }
};
ASSAY_HOST_DEVICE inline Taps taps_of(std::int32_t at, std::int32_t source, std::int32_t resized) {
  const double scale = static_cast<double>(source) / static_cast<double>(resized);
  const double reach = scale < 1 ? 1 : scale, middle = (static_cast<double>(at) + 0.5) * scale;
  const double first = middle - reach + 0.5, last = middle + reach + 0.5;
  Taps taps;
  taps.begin = first < 0 ? 0 : static_cast<std::int32_t>(first);
  taps.count = (last > source ? source : static_cast<std::int32_t>(last)) - taps.begin;
  taps.offset = static_cast<float>(static_cast<double>(taps.begin) + 0.5 - middle);
  taps.inverse = static_cast<float>(1 / reach);
  return taps;
}

/// Which element of y channel `c` of pixel (y, x) of image `n` is.
ASSAY_HOST_DEVICE constexpr std::int64_t element_of(const ResizeRule& r, std::int64_t n, std::int64_t y,
                                                    std::int64_t x, std::int64_t c) {
  switch (r.layout) {
    case PixelLayout::nhwc: break;
    case PixelLayout::patches: {
      const std::int64_t p = r.patch, square = (n * (r.out_h / p) + y / p) * (r.out_w / p) + x / p;
      return ((square * 3 + c) * p + y % p) * p + x % p;
    }
    case PixelLayout::focus:
      return ((n * (r.out_h / 2) + y / 2) * (r.out_w / 2) + x / 2) * 12 + (x % 2 * 2 + y % 2) * 3 + c;
  }
  return ((n * r.out_h + y) * r.out_w + x) * 3 + c;
}

/// Which stored channel an output's channel is.
ASSAY_HOST_DEVICE constexpr int stored_channel(ChannelOrder order, int c) {
  return order == ChannelOrder::rgb ? c : 2 - c;
}

}  // namespace assay
