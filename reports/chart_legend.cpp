// SPDX-License-Identifier: Apache-2.0
#include "reports/chart_legend.h"

#include "reports/svg.h"

namespace assay {

double ChartLegend::next(const std::string& text, double room) {
  const std::string shown = shortened(text, width_ - room, Svg::kFont);
  const double width = room + text_width(shown, Svg::kFont);
  if (x_ > 0 && x_ + width > width_) {
    x_ = 0;
    y_ += kLine;
  }
  const double at = x_;
  out_.text(at + room, y_, shown, css_);
  x_ += width + gap_;
  return at;
}

}  // namespace assay
