// SPDX-License-Identifier: Apache-2.0
#include "reports/chart_marks.h"

#include <algorithm>

#include <fmt/format.h>

namespace assay {

std::string mark_path(std::size_t series, double x, double y, double r) {
  switch (series % kMarkShapes) {
    case 0:
      return fmt::format("M{:.1f} {:.1f}a{r:.1f} {r:.1f} 0 1 0 {d:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{d:.1f} 0z",
                         x - r, y, fmt::arg("r", r), fmt::arg("d", 2 * r));
    case 1:
      return fmt::format("M{:.1f} {:.1f}h{d:.1f}v{d:.1f}h-{d:.1f}z", x - 0.9 * r, y - 0.9 * r,
                         fmt::arg("d", 1.8 * r));
    case 2:
      return fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}h-{:.1f}z", x, y - 1.2 * r, 1.2 * r, 2.1 * r, 2.4 * r);
    case 3:
      return fmt::format("M{:.1f} {:.1f}l{r:.1f} {r:.1f}l-{r:.1f} {r:.1f}l-{r:.1f} -{r:.1f}z", x,
                         y - 1.25 * r, fmt::arg("r", 1.25 * r));
    case 4:
      return fmt::format("M{:.1f} {:.1f}l{:.1f} -{:.1f}h-{:.1f}z", x, y + 1.2 * r, 1.2 * r, 2.1 * r, 2.4 * r);
    default: {  // arms as wide as a third
      const double a = 0.8 * r;
      return fmt::format(
          "M{:.1f} {:.1f}h{a:.1f}v{a:.1f}h{a:.1f}v{a:.1f}h-{a:.1f}v{a:.1f}h-{a:.1f}v-{a:.1f}h-{a:.1f}v-"
          "{a:.1f}h{a:.1f}z",
          x - a / 2, y - 1.5 * a, fmt::arg("a", a));
    }
  }
}

bool ChartBox::meets_line(double x1, double y1, double x2, double y2) const {
  // Clipped to the box (Liang and Barsky): what is left of it has a length.
  double from = 0, to = 1;
  const auto clip = [&](double slope, double room) {
    if (slope == 0) return room >= 0;
    const double at = room / slope;
    if (slope < 0)
      from = std::max(from, at);
    else
      to = std::min(to, at);
    return from <= to;
  };
  const double dx = x2 - x1, dy = y2 - y1;
  return clip(-dx, x1 - left) && clip(dx, right - x1) && clip(-dy, y1 - top) && clip(dy, bottom - y1);
}

}  // namespace assay
