// SPDX-License-Identifier: Apache-2.0
// A convolution as the direct kernel walks it, the same for every vector extension: a task is one row of
// output pixels and a run of filter blocks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv2d/conv2d.h"
#include "kernels/elements_cpu.h"

namespace assay::cpu {

struct DirectConv {
  static constexpr std::int64_t kWidest = 32;  // filters of the widest pair of vectors
  static constexpr std::int64_t kMostPixels = 12;

  explicit DirectConv(const Conv2d& op)
      : p(op.p),
        out_h(op.out_height()),
        out_w(op.out_width()),
        group_c(op.group_channels()),
        group_k(op.group_filters()),
        depthwise(op.depthwise()),
        row_pixels((out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation + 1) {}

  struct Task {
    std::int64_t picture, row;            // of the output
    std::int64_t first_block, end_block;  // filter blocks, counted through all groups
  };

  Conv2d::Params p;
  std::int64_t out_h, out_w, group_c, group_k;
  bool depthwise;
  std::int64_t row_pixels;  // of x that a row of output reads, padding included

  std::int64_t taps() const { return p.kernel_h * p.kernel_w * group_c; }
  /// Of the widened rows that a row of output reads.
  std::int64_t row_floats() const { return depthwise ? 0 : p.kernel_h * row_pixels * p.channels; }
  std::int64_t packed_floats() const {
    if (depthwise) return p.kernel_h * p.kernel_w * round_up(p.channels, kWidest);
    return p.groups * round_up(group_k, kWidest) * taps();
  }

  /// [begin, end) of the kernel's rows that lie on x.
  struct Range {
    std::int64_t begin, end;
  };
  Range rows_on_x(std::int64_t row) const { return on_x(row * p.stride_h - p.pad.top, p.kernel_h, p.height); }
  Range columns_on_x(std::int64_t column) const {
    return on_x(column * p.stride_w - p.pad.left, p.kernel_w, p.width);
  }

 private:
  Range on_x(std::int64_t first, std::int64_t taps, std::int64_t size) const {
    const std::int64_t begin = first >= 0 ? 0 : (-first + p.dilation - 1) / p.dilation;
    const std::int64_t end = size <= first ? 0 : (size - first + p.dilation - 1) / p.dilation;
    return {std::min(begin, taps), std::clamp(end, std::min(begin, taps), taps)};
  }
};

}  // namespace assay::cpu
