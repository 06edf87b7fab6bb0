// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/units.h"
#include "reports/chart_axis.h"
#include "reports/chart_legend.h"
#include "reports/chart_marks.h"
#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

// As wide as a telephone: texts stand above their row.
constexpr double kWidth = 380, kLeft = 8, kRight = 372;
constexpr double kTexts = 36, kCloud = 26, kLane = 18, kGap = 10;
constexpr double kRow = kTexts + kCloud + kLane + kGap;
constexpr double kDraw = 2.2, kMark = 4.5;
/// A limit further than this beyond the largest draw would squeeze them all: it gets an arrow at the edge.
constexpr double kLimitMost = 2;

std::size_t every(const DrawsChart::Row& row) {
  return (row.draws.size() + DrawsChart::kMostDraws - 1) / DrawsChart::kMostDraws;
}

ChartAxis axis_of(const DrawsChart& chart) {
  ChartRange range;
  for (const auto& row : chart.rows) {
    for (std::size_t i = 0; i < row.draws.size(); i += every(row)) range.hold(row.draws[i].value);
    for (const auto& figure : {row.median, row.low, row.high, row.p90, row.p99})
      if (figure) range.hold(*figure);
  }
  if (chart.limit && *chart.limit <= kLimitMost * range.high && *chart.limit >= range.low / kLimitMost)
    range.hold(*chart.limit);
  return ChartAxis::around(range, kLeft, kRight);
}

void draw_draw(Svg& out, double x, double y, const DrawsChart::Draw& draw, std::size_t series) {
  const bool odd = draw.block % 2 == 1;
  out.path(mark_path(odd ? 1 : 0, x, y, kDraw), fmt::format("c-{}{}", series % 10, odd ? " c-odd" : ""),
           draw.text);
}

void draw_median(Svg& out, double x, double y, std::string_view tip) {
  out.path(mark_path(3, x, y, kMark), "c-ink", tip);
}

void draw_whisker(Svg& out, double low, double high, double y) {
  out.line(low, y, high, y, "c-whisker");
  for (const double end : {low, high}) out.line(end, y - 5, end, y + 5, "c-whisker");
}

/// Returns where the rows begin.
double draw_legend(Svg& out, const DrawsChart& chart) {
  ChartLegend legend(out, kWidth, 16, "c-muted");
  const auto any = [&](const auto& has) { return std::ranges::any_of(chart.rows, has); };
  const double draw = legend.next("a draw; shades change by block", 24);
  draw_draw(out, draw + 4, legend.y() - 4, {}, 0);
  draw_draw(out, draw + 13, legend.y() - 4, {.value = 0, .block = 1, .text = {}}, 0);
  if (any([](const auto& row) { return row.median.has_value(); })) {
    const double at = legend.next("median", 14);
    draw_median(out, at + 6, legend.y() - 4, {});
  }
  if (any([](const auto& row) { return row.low && row.high; })) {
    const double at = legend.next("95 % interval", 24);
    draw_whisker(out, at + 1, at + 17, legend.y() - 4);
  }
  if (any([](const auto& row) { return row.p90.has_value(); })) {
    const double at = legend.next("90th percentile", 14);
    out.path(mark_path(4, at + 6, legend.y() - 4, kMark), "c-hollow");
  }
  if (any([](const auto& row) { return row.p99.has_value(); })) {
    const double at = legend.next("99th percentile", 14);
    out.path(mark_path(1, at + 6, legend.y() - 4, kMark), "c-hollow");
  }
  return legend.y() + 10;
}

/// A line through each row, not its texts; or an arrow to where it would be.
void draw_limit(Svg& out, const DrawsChart& chart, const ChartAxis& axis, double top) {
  if (!chart.limit || !std::isfinite(*chart.limit)) return;
  const double x = axis.at(*chart.limit);
  const bool right = x > (kLeft + kRight) / 2;
  const std::string text = shortened(chart.limit_text, kWidth - 60, Svg::kFont);
  if (axis.holds(*chart.limit)) {
    for (std::size_t row = 0; row < chart.rows.size(); ++row) {
      const double from = top + kRow * static_cast<double>(row) + kTexts;
      out.line(x, from - 4, x, from + kCloud + kLane + 4, "c-ceiling");
    }
    const double half = text_width(text, Svg::kFont) / 2;
    out.text(std::clamp(x, half, kWidth - half), top - 6, text, "c-ink", "middle");
    return;
  }
  out.path(fmt::format("M{:.1f} {:.1f}l{:.1f} 5l{:.1f} 5", right ? kRight - 6 : kLeft + 6, top - 15,
                       right ? 5.0 : -5.0, right ? -5.0 : 5.0),
           "c-ceiling c-open", "the limit lies beyond the chart");
  out.text(right ? kRight - 14 : kLeft + 14, top - 6, text, "c-ink", right ? "end" : "start");
}

void draw_row(Svg& out, const DrawsChart& chart, const ChartAxis& axis, const DrawsChart::Row& row,
              double y) {
  const std::size_t step = std::max<std::size_t>(every(row), 1);
  std::string text = row.text;
  if (step > 1) text += fmt::format("{}1 of {} draws shown", text.empty() ? "" : "; ", step);
  out.text(0, y + 13, shortened(row.label, kWidth, Svg::kFont), "c-halo");
  out.text(0, y + 28, shortened(text, kWidth, Svg::kFont), "c-muted");
  const double cloud = y + kTexts, lane = cloud + kCloud + kLane / 2;
  for (std::size_t i = 0, shown = 0; i < row.draws.size(); i += step) {
    const auto& draw = row.draws[i];
    if (!std::isfinite(draw.value)) continue;
    // Neighbours far apart and no two alike (multiples of the golden ratio), the same at every drawing.
    const double height = std::fmod(0.618034 * static_cast<double>(++shown), 1.0);
    draw_draw(out, axis.at(draw.value), cloud + kDraw + height * (kCloud - 2 * kDraw), draw, row.series);
  }
  const auto known = [](const std::optional<double>& value) { return value && std::isfinite(*value); };
  const auto tip = [&](std::string_view what, double value) {
    return fmt::format("{}: {} {}", row.label, what, quantity_text(value, chart.unit));
  };
  if (known(row.low) && known(row.high)) draw_whisker(out, axis.at(*row.low), axis.at(*row.high), lane);
  if (known(row.p90))
    out.path(mark_path(4, axis.at(*row.p90), lane, kMark), "c-hollow", tip("90th percentile", *row.p90));
  if (known(row.p99))
    out.path(mark_path(1, axis.at(*row.p99), lane, kMark), "c-hollow", tip("99th percentile", *row.p99));
  if (known(row.median)) draw_median(out, axis.at(*row.median), lane, row.label + ": " + row.text);
}

}  // namespace

std::string svg(const DrawsChart& chart) {
  Svg scratch("", 0, 0, "", "");  // to know the legend's height before the chart's
  const double top = draw_legend(scratch, chart) + (chart.limit ? ChartLegend::kLine : 0);
  const double bottom = top + kRow * static_cast<double>(chart.rows.size());
  Svg out(chart.id, kWidth, bottom + 24, chart.title, chart.description);
  draw_legend(out, chart);
  const ChartAxis axis = axis_of(chart);
  const std::vector<ChartAxis::Tick> ticks = axis.ticks(chart.unit, kWidth);
  for (std::size_t row = 0; row < chart.rows.size(); ++row) {  // not through the texts
    const double from = top + kRow * static_cast<double>(row) + kTexts;
    for (const auto& tick : ticks) out.line(tick.at, from, tick.at, from + kCloud + kLane, "c-grid");
  }
  for (const auto& tick : ticks) out.text(tick.text_at, bottom + 16, tick.text, "c-muted", "middle");
  out.line(kLeft, bottom, kRight, bottom, "c-axis");
  draw_limit(out, chart, axis, top);
  for (std::size_t row = 0; row < chart.rows.size(); ++row)
    draw_row(out, chart, axis, chart.rows[row], top + kRow * static_cast<double>(row));
  return out.str();
}

}  // namespace assay
