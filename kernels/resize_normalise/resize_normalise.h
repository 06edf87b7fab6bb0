// SPDX-License-Identifier: Apache-2.0
// Pictures of any size to what a network takes: resized, cut out or padded, normalised, and laid out, in one
// go.
#pragma once

#include <array>

#include "images/picture.h"
#include "kernels/resize_normalise/resize_geometry.h"
#include "plan/op.h"

namespace assay {

/// y = (v * scale - mean[c]) / deviation[c], where v is channel c of the picture resized as Pillow's
/// antialiased bilinear (resize_geometry.h), not rounded to a byte on the way; where there is no picture, v
/// is the padding. Pillow rounds to bytes after the columns and again after the rows: v differs from it by at
/// most one step.
struct ResizeNormalise final : Op {
  struct Params {
    /// Of the images, in order, as the plan knows them; 0x0 for what is none. What runs is what the tensor
    /// `sizes` says; these are for the cost, and fill the op's own examples.
    std::vector<PictureSize> sizes;
    std::int64_t capacity;  // bytes of pixels of an image
    Fit fit = Fit::crop;
    std::int64_t resize = 256;  // of a crop
    std::int64_t out_h = 224, out_w = 224;
    CropOffset offset = CropOffset::half_to_even;
    float scale = 1.0f / 255;
    std::array<float, 3> mean = {0, 0, 0}, deviation = {1, 1, 1};  // of an output channel
    ChannelOrder order = ChannelOrder::rgb;
    PixelLayout layout = PixelLayout::nhwc;
    std::int64_t patch = 16;  // of patches
    float padding = 114;      // of 255
    DType type = DType::f32;  // f32, bf16, f16
  };
  /// std::logic_error for parameters that make no sense together.
  explicit ResizeNormalise(const Params& params);
  const Params p;

  std::int64_t images() const { return static_cast<std::int64_t>(p.sizes.size()); }
  ResizeRule rule() const;
  Shape y_shape() const;

  std::string_view kind() const override { return "resize_normalise"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // pixels u8 [images, capacity], sizes i32 [images, 3]
  std::vector<TensorSpec> outputs() const override;  // y [y_shape()]
  /// Rows are resized first, and of their results the columns; a weight and a value are 2 FLOPs, as are
  /// factor and term. Making weights is not counted. Of the pictures what the output shows is read.
  Cost cost() const override;
  /// Sizes (height, width, and a number that is not read) that do not fit into the capacity, are negative, or
  /// 0 in one direction. A kernel takes them for 0x0.
  std::string check_inputs(std::span<const TensorView> in) const override;
  std::int64_t units() const override { return images() * p.out_h; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;

  static constexpr std::size_t kPixels = 0, kSizes = 1;
};

std::vector<std::shared_ptr<const Op>> resize_normalise_examples();

}  // namespace assay
