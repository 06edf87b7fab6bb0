// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

// As wide as a telephone, where text in a wider chart would shrink.
constexpr double kWidth = 380, kBar = 24, kRow = 54, kLegendRow = 19;

/// One colour a name, the same in every row.
class Colours {
 public:
  std::string of(const StackChart::Piece& piece) {
    if (piece.other) return "c-other";
    auto found = std::find(names_.begin(), names_.end(), piece.label);
    if (found == names_.end()) found = names_.insert(names_.end(), piece.label);
    const auto index = found - names_.begin();
    return index < 10 ? fmt::format("c-{}", index) : "c-other";
  }

 private:
  std::vector<std::string> names_;
};

struct LegendEntry {
  std::string label, css;
  double x, y;
};

std::vector<LegendEntry> legend_of(const StackChart& chart, Colours& colours) {
  std::vector<LegendEntry> legend;
  double x = 0, y = 0;
  for (const auto& row : chart.rows)
    for (const auto& piece : row.pieces) {
      if (std::any_of(legend.begin(), legend.end(),
                      [&](const LegendEntry& e) { return e.label == piece.label; }))
        continue;
      const double width = 18 + text_width(piece.label, Svg::kFont) + 18;
      if (x > 0 && x + width > kWidth) {
        x = 0;
        y += kLegendRow;
      }
      legend.push_back({piece.label, colours.of(piece), x, y});
      x += width;
    }
  return legend;
}

}  // namespace

std::string svg(const StackChart& chart) {
  Colours colours;
  const std::vector<LegendEntry> legend = legend_of(chart, colours);
  const double top = static_cast<double>(chart.rows.size()) * kRow + 4;
  Svg out(chart.id, kWidth, top + (legend.empty() ? 0 : legend.back().y + kLegendRow), chart.title,
          chart.description);
  double y = 0;
  for (const auto& row : chart.rows) {
    out.text(0, y + 14, shortened(row.label, kWidth, Svg::kFont), "c-strong");
    double x = 0;
    for (const auto& piece : row.pieces) {
      const double width = piece.share * kWidth;
      out.rect(x, y + 21, std::max(width - 1, 0.4), kBar, colours.of(piece), piece.label + ": " + piece.text);
      const std::string both = piece.label + " " + piece.text;
      const std::string& text = text_width(both, Svg::kFont) + 10 <= width ? both : piece.text;
      if (text_width(text, Svg::kFont) + 6 <= width)
        out.text(x + width / 2, y + 21 + kBar / 2 + 4, text, "c-in", "middle");
      x += width;
    }
    y += kRow;
  }
  for (const LegendEntry& entry : legend) {
    out.rect(entry.x, top + entry.y + 2, 12, 12, entry.css);
    out.text(entry.x + 18, top + entry.y + 12, entry.label, "c-ink");
  }
  return out.str();
}

}  // namespace assay
