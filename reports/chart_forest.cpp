// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/units.h"
#include "reports/chart_legend.h"
#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

// Texts on the left, the plot on the right; as wide as a telephone, where text in a wider chart would shrink.
constexpr double kWidth = 398, kLeft = 172, kRight = 390, kTextWidth = kLeft - 12;
constexpr double kRowHeight = 36, kHeadHeight = 24, kMark = 5;
constexpr double kTickApart = 34;  // pixels between two labels of the axis

struct Scale {
  double low, high;  // logarithms
  double x(double ratio) const {
    const double share = (std::log(ratio) - low) / (high - low);
    return kLeft + (kRight - kLeft) * std::clamp(share, 0.0, 1.0);
  }
  bool holds(double ratio) const { return std::log(ratio) >= low && std::log(ratio) <= high; }
};

/// Holds every interval, 1, and twice the band, with a little room on either side.
Scale scale_of(const ForestChart& chart) {
  double high = 2 * std::log1p(chart.margin), low = -high;
  for (const auto& row : chart.rows)
    for (const double ratio : {row.ratio, row.low.value_or(row.ratio), row.high.value_or(row.ratio)}) {
      if (!(ratio > 0)) continue;
      low = std::min(low, std::log(ratio));
      high = std::max(high, std::log(ratio));
    }
  const double room = 0.04 * (high - low);
  return {low - room, high + room};
}

/// Round numbers that have room for their labels, the rounder ones first.
std::vector<double> ticks_of(const Scale& scale) {
  std::vector<double> wanted = {1};
  for (double power = 10; power <= 1e6; power *= 10) wanted.insert(wanted.end(), {power, 1 / power});
  for (const double step : {2.0, 5.0})
    for (double power = 1; power <= 1e6; power *= 10)
      wanted.insert(wanted.end(), {step * power, 1 / (step * power)});
  for (const double step : {1.5, 0.7, 1.2, 0.8, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98}) wanted.push_back(step);
  std::vector<double> ticks;
  for (const double tick : wanted)
    if (scale.holds(tick) && std::ranges::all_of(ticks, [&](double t) {
          return std::fabs(scale.x(t) - scale.x(tick)) >= kTickApart;
        }))
      ticks.push_back(tick);
  return ticks;
}

/// Triangles point to where the ratio lies, what is the same is round, what cannot be told is hollow: told
/// apart without colour.
void draw_mark(Svg& out, double x, double y, Verdict verdict, std::string_view tip = {}) {
  const double r = kMark;
  switch (verdict) {
    case Verdict::faster:
      out.path(fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}l-{:.1f} {:.1f}z", x - r, y - r - 1, 2.4 * r, r + 1,
                           2.4 * r, r + 1),
               "c-2 c-mark", tip);
      break;
    case Verdict::slower:
      out.path(fmt::format("M{:.1f} {:.1f}l-{:.1f} {:.1f}l{:.1f} {:.1f}z", x + r, y - r - 1, 2.4 * r, r + 1,
                           2.4 * r, r + 1),
               "c-5 c-mark", tip);
      break;
    case Verdict::same:
      out.path(fmt::format("M{:.1f} {:.1f}a{r:.1f} {r:.1f} 0 1 0 {d:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{d:.1f} 0z",
                           x - r, y, fmt::arg("r", r), fmt::arg("d", 2 * r)),
               "c-0 c-mark", tip);
      break;
    case Verdict::cannot_tell:
      out.path(fmt::format("M{:.1f} {:.1f}l{r:.1f} {r:.1f}l-{r:.1f} {r:.1f}l-{r:.1f} -{r:.1f}z", x, y - r,
                           fmt::arg("r", r)),
               "c-hollow", tip);
      break;
  }
}

/// Returns the height that it takes.
double draw_legend(Svg& out, const ForestChart& chart) {
  ChartLegend legend(out, kWidth, 14, "c-muted");
  const std::array<std::pair<Verdict, std::string>, 4> marks = {{{Verdict::faster, chart.better},
                                                                 {Verdict::slower, chart.worse},
                                                                 {Verdict::same, "same"},
                                                                 {Verdict::cannot_tell, "cannot tell"}}};
  for (const auto& [verdict, text] : marks) {
    const double at = legend.next(text, 17);
    draw_mark(out, at + 7, legend.y() - 4, verdict);
  }
  const double whisker = legend.next("95 % interval", 22);
  out.line(whisker, legend.y() - 4, whisker + 16, legend.y() - 4, "c-whisker");
  const double band = legend.next(chart.margin_text, 20);
  out.rect(band, legend.y() - 10, 14, 12, "c-band");
  return legend.y() + 10;
}

void draw_row(Svg& out, const Scale& scale, const ForestChart::Row& row, double y) {
  const double middle = y + kRowHeight / 2;
  out.text(0, y + 15, shortened(row.detail, kTextWidth, Svg::kFont), "c-ink");
  out.text(0, y + 30, shortened(row.text, kTextWidth, Svg::kFont), "c-muted");
  if (row.low && row.high && *row.low > 0) {
    const double low = scale.x(*row.low), high = scale.x(*row.high);
    out.line(low, middle, high, middle, "c-whisker");
    for (const double end : {low, high}) out.line(end, middle - 4, end, middle + 4, "c-whisker");
  }
  draw_mark(out, scale.x(row.ratio), middle, row.verdict, row.label + ", " + row.detail + ": " + row.text);
}

}  // namespace

std::string svg(const ForestChart& chart) {
  // A case's name stands once, above the first of its rows.
  std::vector<bool> heads;
  for (std::size_t i = 0; i < chart.rows.size(); ++i)
    heads.push_back(i == 0 || chart.rows[i].label != chart.rows[i - 1].label);
  Svg scratch("", 0, 0, "", "");  // to know the legend's height before the chart's
  const double top = draw_legend(scratch, chart);
  const double bottom = top + kRowHeight * static_cast<double>(heads.size()) +
                        kHeadHeight * static_cast<double>(std::ranges::count(heads, true));
  Svg out(chart.id, kWidth, bottom + 42, chart.title, chart.description);
  draw_legend(out, chart);

  const Scale scale = scale_of(chart);
  const double band = scale.x(1 / (1 + chart.margin));
  out.rect(band, top, scale.x(1 + chart.margin) - band, bottom - top, "c-band", chart.margin_text);
  for (const double tick : ticks_of(scale)) {
    out.line(scale.x(tick), top, scale.x(tick), bottom, tick == 1 ? "c-one" : "c-grid");
    out.text(scale.x(tick), bottom + 16, ratio_text(tick), "c-muted", "middle");
  }
  out.text(kLeft, bottom + 34, "\u2190 " + chart.worse, "c-muted");
  out.text(kRight, bottom + 34, chart.better + " \u2192", "c-muted", "end");
  double y = top;
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    if (heads[i]) {
      out.text(0, y + 17, shortened(chart.rows[i].label, kWidth, Svg::kFont), "c-halo");
      y += kHeadHeight;
    }
    draw_row(out, scale, chart.rows[i], y);
    y += kRowHeight;
  }
  return out.str();
}

}  // namespace assay
