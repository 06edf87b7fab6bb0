// SPDX-License-Identifier: Apache-2.0
// What coefficients mean, straight from the formulas: slow, and nothing shared with any decoder.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "support/jpeg_writer.h"

namespace assay::test {

class JpegTruth {
 public:
  explicit JpegTruth(const JpegCoefficients& picture) : picture_(picture) {
    for (const JpegComponent& c : picture.components) {
      planes_.emplace_back();
      for (std::int64_t y = 0; y < 8 * c.blocks_high; ++y)
        for (std::int64_t x = 0; x < 8 * c.blocks_wide; ++x) planes_.back().push_back(sample(c, y, x));
    }
  }

  /// Components as they are stored, drawn out to the pixel: 0 to 255.
  double component(std::size_t which, std::int64_t y, std::int64_t x) const {
    const JpegComponent& c = picture_.components[which];
    const int across = picture_.most(&JpegComponent::across) / c.across,
              down = picture_.most(&JpegComponent::down) / c.down;
    double sum = 0;
    for (const auto& [row, row_share] : shares(y, down, picture_.size.height))
      for (const auto& [column, column_share] : shares(x, across, picture_.size.width))
        sum += row_share * column_share *
               planes_[which][static_cast<std::size_t>(row * 8 * c.blocks_wide + column)];
    return sum;
  }

  /// JFIF's three components.
  std::array<double, 3> rgb(std::int64_t y, std::int64_t x) const {
    const double luma = component(0, y, x);
    if (picture_.components.size() == 1) return {luma, luma, luma};
    const double cb = component(1, y, x) - 128, cr = component(2, y, x) - 128;
    std::array<double, 3> rgb = {luma + 1.402 * cr, luma - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587,
                                 luma + 1.772 * cb};
    for (double& v : rgb) v = std::clamp(v, 0.0, 255.0);
    return rgb;
  }

 private:
  struct Share {
    std::int64_t at;
    double share;
  };
  /// A sample lies amid its two pixels; a pixel lies a quarter of the way to the next one.
  static std::array<Share, 2> shares(std::int64_t at, int times, std::int64_t count) {
    if (times == 1) return {{{at, 1}, {at, 0}}};
    const double place = (static_cast<double>(at) + 0.5) / times - 0.5;
    const auto left = static_cast<std::int64_t>(std::floor(place)), last = (count + times - 1) / times - 1;
    const double right_share = place - static_cast<double>(left);
    return {{{std::clamp<std::int64_t>(left, 0, last), 1 - right_share},
             {std::clamp<std::int64_t>(left + 1, 0, last), right_share}}};
  }
  static double sample(const JpegComponent& c, std::int64_t y, std::int64_t x) {
    const JpegBlock& block = c.blocks[static_cast<std::size_t>(y / 8 * c.blocks_wide + x / 8)];
    double sum = 0;
    for (int v = 0; v < 8; ++v)
      for (int u = 0; u < 8; ++u) {
        const std::size_t k = static_cast<std::size_t>(8 * v + u);
        if (block[k] == 0) continue;
        sum += (u == 0 ? std::numbers::sqrt2 / 2 : 1) * (v == 0 ? std::numbers::sqrt2 / 2 : 1) / 4 *
               block[k] * c.steps[k] *
               std::cos(static_cast<double>((2 * (x % 8) + 1) * u) * std::numbers::pi / 16) *
               std::cos(static_cast<double>((2 * (y % 8) + 1) * v) * std::numbers::pi / 16);
      }
    return std::clamp(sum + 128, 0.0, 255.0);
  }

  const JpegCoefficients& picture_;
  std::vector<std::vector<double>> planes_;
};

}  // namespace assay::test
