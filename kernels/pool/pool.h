// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

enum class Pooling : std::uint8_t { max, average, global_average };

/// The maximum or the mean of a window of pixels, channel by channel:
///   y[n, p, q, c] = max or mean of x[n, h, w, c] over the pixels that exist of
///     h in [p * stride_h - top, + kernel_h), w in [q * stride_w - left, + kernel_w)
/// Padding adds windows, no values: a maximum never sees it, a mean divides by the pixels that exist. Less
/// padding than kernel on each side, so that no window is empty.
/// global_average: y[n, c], the mean of a whole image; kernel, stride and padding are not used.
struct Pool final : Op {
  struct Params {
    std::int64_t batch, height, width, channels;
    Pooling kind = Pooling::max;
    std::int64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1;
    std::int64_t top = 0, left = 0, bottom = 0, right = 0;  // padding
    DType type = DType::bf16;
  };
  explicit Pool(const Params& params);
  const Params p;

  bool global() const { return p.kind == Pooling::global_average; }
  std::int64_t out_height() const { return (p.height + p.top + p.bottom - p.kernel_h) / p.stride_h + 1; }
  std::int64_t out_width() const { return (p.width + p.left + p.right - p.kernel_w) / p.stride_w + 1; }

  std::string_view kind() const override { return "pool"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;  // x [batch, height, width, channels]
  std::vector<TensorSpec> outputs()
      const override;  // y [batch, out_height, out_width, channels]; global: [batch, channels]
  Cost cost() const override;
  std::int64_t units() const override;  // a pixel of y, or an image
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> pool_examples();

}  // namespace assay
