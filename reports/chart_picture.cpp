// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

/// The outline of a rectangle as an area: around it one way, and inside of it the other.
std::string frame(double left, double top, double right, double bottom) {
  constexpr double kLine = 2;
  const double x = std::min(left + kLine, right), y = std::min(top + kLine, bottom);
  return fmt::format("M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}ZM{:.1f} {:.1f}V{:.1f}H{:.1f}V{:.1f}Z", left, top,
                     right, bottom, left, x, y, std::max(bottom - kLine, y), std::max(right - kLine, x), y);
}

}  // namespace

std::string svg(const PictureChart& chart) {
  constexpr double kWidth = 380, kMostHeight = 380;
  if (!(chart.width > 0) || !(chart.height > 0)) return {};
  const double scale = std::min(kWidth / chart.width, kMostHeight / chart.height);
  const double width = chart.width * scale, height = chart.height * scale;
  Svg out(chart.id, width, height, chart.title, chart.description);
  out.image(width, height, chart.jpeg_base64);
  for (const PictureChart::Box& box : chart.boxes) {
    // Boxes reach beyond the picture; what is shown of them does not.
    const double left = std::clamp(box.left * scale, 0.0, width),
                 right = std::clamp(box.right * scale, 0.0, width);
    const double top = std::clamp(box.top * scale, 0.0, height),
                 bottom = std::clamp(box.bottom * scale, 0.0, height);
    if (!(right > left) || !(bottom > top)) continue;
    out.path(frame(left, top, right, bottom), fmt::format("c-{}", box.series), box.text);
    out.text(left + 3, std::max(top + Svg::kFont + 1, Svg::kFont + 1), box.text, "c-strong c-halo");
  }
  return out.str();
}

}  // namespace assay
