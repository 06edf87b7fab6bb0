// SPDX-License-Identifier: Apache-2.0
// What a thread keeps while it resizes: taken once, for the largest picture that there may be, so that
// launch() allocates nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "images/picture.h"
#include "kernels/resize_normalise/resize_normalise.h"

namespace assay::cpu {

/// What each shown column is made of.
struct ResizeColumns {
  std::int64_t first = 0, needed = 0;      // columns of the picture
  std::vector<std::int32_t> begin, count;  // a shown column; counted from the first
  std::vector<float> weights;              // one column's behind the other's; of each their sum is 1
};

struct ResizeScratch {
  /// A store of a whole vector, or a load of four floats for three, may go this far beyond.
  static constexpr std::size_t kBeyond = 64;

  explicit ResizeScratch(const ResizeRule& r) {
    const auto columns_there_are = static_cast<std::size_t>(std::min(kMostJpegSide, r.capacity / 3)),
               out_w = static_cast<std::size_t>(r.out_w);
    columns.begin.resize(out_w);
    columns.count.resize(out_w);
    // Triangles of neighbours overlap by half, and each may touch a pixel more on either side.
    columns.weights.resize(2 * columns_there_are + 4 * out_w + kBeyond);
    row_weights.resize(2 * columns_there_are + kBeyond);  // of a picture that is as high
    sums.resize(3 * columns_there_are + kBeyond);
    line.resize(3 * out_w + kBeyond);
    row.resize(3 * out_w + kBeyond);
    for (std::size_t i = 0; i < 3 * out_w + kBeyond; ++i) {
      factors.push_back(r.factor[i % 3]);
      terms.push_back(r.term[i % 3]);
    }
  }

  void prepare(const ResizeRule& rule, std::int64_t height, std::int64_t width) {
    if (height == height_ && width == width_) return;
    height_ = height;
    width_ = width;
    view = view_of(rule, height, width);
    float* to = columns.weights.data();
    for (std::int32_t x = 0; x < view.shown_w; ++x) {
      const Taps taps = taps_of(view.left + x, view.width, view.resized_w);
      if (x == 0) columns.first = taps.begin;
      columns.begin[static_cast<std::size_t>(x)] = static_cast<std::int32_t>(taps.begin - columns.first);
      columns.count[static_cast<std::size_t>(x)] = taps.count;
      columns.needed = taps.begin + taps.count - columns.first;
      to = weigh(taps, to);
    }
  }

  Taps weigh_rows(std::int32_t at) {
    const Taps taps = taps_of(at, view.height, view.resized_h);
    weigh(taps, row_weights.data());
    return taps;
  }

  std::int64_t bytes() const {
    const std::size_t values = columns.begin.size() + columns.count.size() + columns.weights.size() +
                               row_weights.size() + sums.size() + line.size() + row.size() + factors.size() +
                               terms.size();
    return static_cast<std::int64_t>(values) * 4;
  }

  ResizeView view;
  ResizeColumns columns;
  std::vector<float> row_weights, sums, line, row;  // row: of the output's type, at most 4 bytes each
  std::vector<float> factors, terms;                // of a line

 private:
  static float* weigh(const Taps& taps, float* to) {
    float sum = 0;
    for (std::int32_t k = 0; k < taps.count; ++k) sum += to[k] = taps.weight(k);
    for (std::int32_t k = 0; k < taps.count; ++k) to[k] /= sum;
    return to + taps.count;
  }

  std::int64_t height_ = -1, width_ = -1;
};

}  // namespace assay::cpu
