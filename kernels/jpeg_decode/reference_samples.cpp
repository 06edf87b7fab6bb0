// SPDX-License-Identifier: Apache-2.0
#include "kernels/jpeg_decode/reference_samples.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay::jpeg_reference {
namespace {

/// [x][u]: C(u) / 2 cos((2x + 1) u pi / 16)
const std::array<std::array<double, 8>, 8> kWaves = [] {
  std::array<std::array<double, 8>, 8> waves{};
  for (std::size_t x = 0; x < 8; ++x)
    for (std::size_t u = 0; u < 8; ++u)
      waves[x][u] = (u == 0 ? std::sqrt(0.5) : 1) / 2 *
                    std::cos(static_cast<double>((2 * x + 1) * u) * std::numbers::pi / 16);
  return waves;
}();

/// Of `count` samples, what pixel `at` of twice as many is made of: the nearer one, and the next on its side.
struct Pair {
  std::int64_t near, next;
};
Pair pair_of(std::int64_t at, std::int64_t count) {
  const std::int64_t near = at / 2, next = at % 2 == 0 ? near - 1 : near + 1;
  return {near, std::clamp<std::int64_t>(next, 0, count - 1)};
}

}  // namespace

std::array<double, 64> samples_of(const Block& block, const std::array<int, 64>& steps) {
  std::array<double, 64> rows{}, samples{};  // rows: [v][x]
  for (std::size_t v = 0; v < 8; ++v)
    for (std::size_t u = 0; u < 8; ++u) {
      const double coefficient = static_cast<double>(block[8 * v + u]) * steps[8 * v + u];
      if (coefficient == 0) continue;
      for (std::size_t x = 0; x < 8; ++x) rows[8 * v + x] += coefficient * kWaves[x][u];
    }
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t x = 0; x < 8; ++x) {
      double sum = 128;
      for (std::size_t v = 0; v < 8; ++v) sum += rows[8 * v + x] * kWaves[y][v];
      samples[8 * y + x] = std::clamp(sum, 0.0, 255.0);
    }
  return samples;
}

Plane plane_of(Component& component) {
  Plane plane{component.height, component.width,
              std::vector<double>(static_cast<std::size_t>(component.height * component.width))};
  for (std::int64_t row = 0; row * 8 < component.height; ++row)
    for (std::int64_t column = 0; column * 8 < component.width; ++column) {
      const auto samples = samples_of(component.block(row, column), *component.steps);
      for (std::int64_t y = row * 8; y < std::min(row * 8 + 8, component.height); ++y)
        for (std::int64_t x = column * 8; x < std::min(column * 8 + 8, component.width); ++x)
          plane.samples[static_cast<std::size_t>(y * component.width + x)] =
              samples[static_cast<std::size_t>((y - row * 8) * 8 + x - column * 8)];
    }
  return plane;
}

Plane drawn_out(const Frame& frame, const Component& c, const Plane& plane) {
  Plane out{frame.height, frame.width, {}};
  out.samples.reserve(static_cast<std::size_t>(frame.height * frame.width));
  const bool halves = frame.most_across == 2 * c.across && plane.width > 2;
  const bool half_rows = frame.most_down == 2 * c.down && (halves || frame.most_across == c.across);
  const bool smooth = halves && (half_rows || frame.most_down == c.down);
  const bool smooth_rows = half_rows && (smooth || frame.most_across == c.across);
  for (std::int64_t y = 0; y < frame.height; ++y) {
    const std::int64_t whole_y = y * c.down / frame.most_down;
    const Pair rows = smooth_rows ? pair_of(y, plane.height) : Pair{whole_y, whole_y};
    for (std::int64_t x = 0; x < frame.width; ++x) {
      const std::int64_t whole_x = x * c.across / frame.most_across;
      const Pair columns = smooth ? pair_of(x, plane.width) : Pair{whole_x, whole_x};
      const auto across = [&](std::int64_t row) {
        return 0.75 * plane.at(row, columns.near) + 0.25 * plane.at(row, columns.next);
      };
      out.samples.push_back(0.75 * across(rows.near) + 0.25 * across(rows.next));
    }
  }
  return out;
}

}  // namespace assay::jpeg_reference
