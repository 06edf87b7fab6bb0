// SPDX-License-Identifier: Apache-2.0
// Marks that are told apart without colour, and room for their labels.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace assay {

/// A circle, square, triangle, diamond, triangle on its point or cross by series, as a path.
std::string mark_path(std::size_t series, double x, double y, double r);
inline constexpr std::size_t kMarkShapes = 6;

struct ChartBox {
  double left, top, right, bottom;
  bool meets(const ChartBox& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
  /// Whether the way from one place to another leads through it.
  bool meets_line(double x1, double y1, double x2, double y2) const;
};

}  // namespace assay
