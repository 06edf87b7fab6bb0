// SPDX-License-Identifier: Apache-2.0
// A convolution as the direct kernel walks it, the same for every vector extension: a task is a band of rows
// of output pixels and a run of filter blocks. A pointwise one has no rows: its pixels are cut into rows of
// their own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/conv2d/conv2d.h"
#include "kernels/elements_cpu.h"

namespace assay::cpu {

struct DirectConv {
  static constexpr std::int64_t kWidest = 32;  // filters of the widest pair of vectors
  static constexpr std::int64_t kMostPixels = 12;
  /// Of a band, at least: enough that weights, which come from beyond L2 once a band, need not be waited for.
  static constexpr std::int64_t kBandPixels = 24;
  static constexpr std::int64_t kPanelFloats = 16 * 1024;  // of weights: of L2 a small part

  explicit DirectConv(const Conv2d& op)
      : p(op.p),
        flat(op.pointwise()),
        depthwise(op.depthwise()),
        group_c(op.group_channels()),
        group_k(op.group_filters()),
        pixels(p.batch * op.out_height() * op.out_width()),
        pictures(flat ? 1 : p.batch),
        rows(flat ? (pixels + kBandPixels - 1) / kBandPixels : op.out_height()),
        out_w(flat ? (pixels + rows - 1) / rows : op.out_width()),
        in_place(p.type == DType::f32 && p.pad.none()),
        row_pixels((out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation + 1),
        line_floats((!in_place || flat ? row_pixels : p.width) * p.channels),
        together(p.groups == 1 && p.dilation == 1),
        columns(together ? 1 : p.kernel_w),
        run(together ? p.kernel_w * p.channels : group_c),
        band_rows(depthwise ? 1 : std::min(rows, (kBandPixels + out_w - 1) / out_w)) {}

  struct Task {
    std::int64_t picture, first_row, end_row;  // of the output
    std::int64_t first_block, end_block;       // filter blocks, counted through all groups
  };

  Conv2d::Params p;
  bool flat, depthwise;
  std::int64_t group_c, group_k;
  std::int64_t pixels;          // of all pictures
  std::int64_t pictures, rows;  // rows of a picture
  std::int64_t out_w;           // pixels of a row; the last flat one may have fewer
  bool in_place;                // x is read as it lies; else its rows are widened, padding and all
  std::int64_t row_pixels;      // of x that a row of output reads, padding included
  std::int64_t line_floats;     // from one row of x, or widened row, to the next
  /// The columns of the kernel lie one after the other, in x as in the weights: a run of floats of both.
  bool together;
  std::int64_t columns, run;  // runs in a row of the kernel, and their length
  std::int64_t band_rows;     // of a task, at most

  std::int64_t taps() const { return p.kernel_h * p.kernel_w * group_c; }
  std::int64_t width_of(std::int64_t row) const {
    return flat ? std::min(out_w, pixels - row * out_w) : out_w;
  }
  /// Rows of x that `count` rows of output read.
  std::int64_t lines(std::int64_t count) const { return (count - 1) * p.stride_h + reach(); }
  /// Of a band: its widened rows.
  std::int64_t scratch_floats() const {
    return in_place || depthwise ? 0 : round_up(lines(band_rows) * line_floats, Scratch::kLine / 4);
  }
  /// Of a band: its sums of two blocks.
  std::int64_t sum_floats() const { return depthwise ? 0 : 2 * band_rows * out_w * kWidest; }
  std::int64_t packed_floats() const {
    if (depthwise) return p.kernel_h * p.kernel_w * round_up(p.channels, kWidest);
    return p.groups * round_up(group_k, kWidest) * taps();
  }

  /// [begin, end) of the kernel's rows that lie on x.
  struct Range {
    std::int64_t begin, end;
  };
  Range rows_on_x(std::int64_t row) const {
    if (flat) return {0, 1};
    return on_x(row * p.stride_h - p.pad.top, p.kernel_h, p.height);
  }
  Range columns_on_x(std::int64_t column) const {
    return on_x(column * p.stride_w - p.pad.left, p.kernel_w, p.width);
  }

  /// Taps that are summed over a whole band before the next: rows of the kernel, and of each run a part.
  struct Panel {
    Range rows, part;
  };
  std::vector<Panel> panels(std::int64_t floats_of_a_tap) const {
    const std::int64_t most = std::max<std::int64_t>(1, kPanelFloats / floats_of_a_tap),
                       row_taps = columns * run;
    std::vector<Panel> all;
    if (row_taps <= most) {
      const std::int64_t count = (p.kernel_h * row_taps + most - 1) / most;
      for (std::int64_t i = 0; i < count; ++i)
        all.push_back({{p.kernel_h * i / count, p.kernel_h * (i + 1) / count}, {0, run}});
      return all;
    }
    const std::int64_t parts = std::min(run, (row_taps + most - 1) / most);
    for (std::int64_t r = 0; r < p.kernel_h; ++r)
      for (std::int64_t i = 0; i < parts; ++i)
        all.push_back({{r, r + 1}, {run * i / parts, run * (i + 1) / parts}});
    return all;
  }

 private:
  std::int64_t reach() const { return (p.kernel_h - 1) * p.dilation + 1; }
  Range on_x(std::int64_t first, std::int64_t taps, std::int64_t size) const {
    const std::int64_t begin = first >= 0 ? 0 : (-first + p.dilation - 1) / p.dilation;
    const std::int64_t end = size <= first ? 0 : (size - first + p.dilation - 1) / p.dilation;
    return {std::min(begin, taps), std::clamp(end, std::min(begin, taps), taps)};
  }
};

}  // namespace assay::cpu
