// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/chart_axis.h"
#include "reports/chart_legend.h"
#include "reports/chart_marks.h"
#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

constexpr double kWidth = 380, kRight = 366, kPlot = 270, kMark = 4.6;
constexpr double kAboveAxis = 24, kBelowAxis = 46;
constexpr double kLimitMost = 1.6;  // as a multiple of the largest point, that the plot grows for a limit

using Point = CurveChart::Point;

struct Axes {
  ChartAxis x, y;
  double left, top, bottom;
  bool holds(const Point& point) const { return x.holds(point.x) && y.holds(point.y); }
};

ChartAxis axis_of(const CurveChart& chart, const ChartRange& range, double from, double to) {
  return chart.logarithmic ? ChartAxis::logarithmic(range, from, to) : ChartAxis::from_zero(range, from, to);
}

Axes axes_of(const CurveChart& chart, double top) {
  ChartRange x, y;
  x.logarithmic = y.logarithmic = chart.logarithmic;
  const auto hold = [](ChartRange& range, double value, const auto& low, const auto& high) {
    for (const double one : {value, low.value_or(value), high.value_or(value)}) range.hold(one);
  };
  for (const auto& series : chart.series)
    for (const Point& point : series.points) {
      if (!x.takes(point.x) || !y.takes(point.y)) continue;
      hold(x, point.x, point.x_low, point.x_high);
      hold(y, point.y, point.y_low, point.y_high);
    }
  if (chart.limit && *chart.limit <= kLimitMost * y.high) y.hold(*chart.limit);
  const double bottom = top + kPlot;
  const ChartAxis upright = axis_of(chart, y, bottom, top);
  double left = 30;
  for (const auto& tick : upright.ticks(chart.y_unit, kWidth))
    left = std::max(left, text_width(tick.text, Svg::kFont) + 10);
  return {axis_of(chart, x, left, kRight), upright, left, top, bottom};
}

std::string stroke(std::size_t series) {
  return fmt::format("l-{} d-{}", series % kMarkShapes, series % kMarkShapes);
}

void draw_mark(Svg& out, double x, double y, std::size_t series, bool within, std::string_view tip = {}) {
  out.path(mark_path(series, x, y, kMark),
           within ? fmt::format("c-{} c-mark", series % kMarkShapes)
                  : fmt::format("c-hollow l-{}", series % kMarkShapes),
           tip);
}

/// Returns how high it is.
double draw_legend(Svg& out, const CurveChart& chart) {
  ChartLegend legend(out, kWidth, 28, "c-ink");
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const double at = legend.next(chart.series[i].name, 38);
    out.path(fmt::format("M{:.1f} {:.1f}h32", at, legend.y() - 4), "c-curve " + stroke(i));
    draw_mark(out, at + 16, legend.y() - 4, i, true);
  }
  const auto outside = [](const auto& series) {
    return std::ranges::any_of(series.points, [](const Point& p) { return !p.within; });
  };
  if (chart.limit && std::ranges::any_of(chart.series, outside)) {
    const double at = legend.next("beyond the limit", 16);
    out.path(mark_path(0, at + 6, legend.y() - 4, kMark), "c-hollow");
  }
  return legend.y() + 6;
}

void draw_grid(Svg& out, const CurveChart& chart, const Axes& axes) {
  for (const auto& tick : axes.x.ticks(chart.x_unit, kWidth)) {
    out.line(tick.at, axes.top, tick.at, axes.bottom, "c-grid");
    out.text(tick.text_at, axes.bottom + 17, tick.text, "c-muted", "middle");
  }
  for (const auto& tick : axes.y.ticks(chart.y_unit, kWidth)) {
    out.line(axes.left, tick.at, kRight, tick.at, "c-grid");
    out.text(axes.left - 6, tick.at + 4, tick.text, "c-muted", "end");
  }
  out.line(axes.left, axes.bottom, kRight, axes.bottom, "c-axis");
  out.line(axes.left, axes.top, axes.left, axes.bottom, "c-axis");
  out.text(0, axes.top - 12, shortened(chart.y_title + " \u2191", kWidth, Svg::kFont), "c-muted");
  out.text(kRight, axes.bottom + 37, shortened(chart.x_title + " \u2192", kRight, Svg::kFont), "c-muted",
           "end");
}

struct Segment {
  double x1, y1, x2, y2;
};

std::vector<Segment> whiskers_of(const Axes& axes, const Point& point) {
  const double x = axes.x.at(point.x), y = axes.y.at(point.y);
  const auto known = [](const auto& low, const auto& high) {
    return low && high && std::isfinite(*low) && std::isfinite(*high);
  };
  std::vector<Segment> lines;
  if (known(point.x_low, point.x_high)) {
    const double low = axes.x.at(*point.x_low), high = axes.x.at(*point.x_high);
    lines.push_back({low, y, high, y});
    for (const double end : {low, high}) lines.push_back({end, y - 3, end, y + 3});
  }
  if (known(point.y_low, point.y_high)) {
    const double low = axes.y.at(*point.y_low), high = axes.y.at(*point.y_high);
    lines.push_back({x, low, x, high});
    for (const double end : {low, high}) lines.push_back({x - 3, end, x + 3, end});
  }
  return lines;
}

/// Points in their order that the axes hold, joined.
std::vector<Segment> segments_of(const Axes& axes, const CurveChart::Series& series) {
  std::vector<Segment> segments;
  const Point* last = nullptr;
  for (const Point& point : series.points) {
    if (!axes.holds(point)) continue;
    if (last != nullptr)
      segments.push_back({axes.x.at(last->x), axes.y.at(last->y), axes.x.at(point.x), axes.y.at(point.y)});
    last = &point;
  }
  return segments;
}

/// Labels where nothing else is: first where no line crosses them either, then on lines. Those without room
/// have their tip alone.
class Labels {
 public:
  Labels(const CurveChart& chart, const Axes& axes) : axes_(axes) {
    constexpr double kAround = kMark + 1.5;
    for (const auto& series : chart.series) {
      std::ranges::move(segments_of(axes, series), std::back_inserter(lines_));
      for (const Point& point : series.points)
        if (axes.holds(point)) {
          const double x = axes.x.at(point.x), y = axes.y.at(point.y);
          taken_.push_back({x - kAround, y - kAround, x + kAround, y + kAround});
          std::ranges::move(whiskers_of(axes, point), std::back_inserter(lines_));
        }
    }
  }
  void take(const ChartBox& box) { taken_.push_back(box); }

  /// Where a text of this width begins, and its baseline.
  struct At {
    double x, base;
  };
  std::optional<At> place(const std::vector<At>& places, double width) {
    for (const bool crossed : {false, true})
      for (const At& at : places) {
        const ChartBox box{at.x, at.base - 11, at.x + width, at.base + 3};
        if (!is_free(box, crossed)) continue;
        taken_.push_back(box);
        return at;
      }
    return std::nullopt;
  }

  void draw(Svg& out, const Point& point) {
    if (point.label.empty() || !axes_.holds(point)) return;
    const double x = axes_.x.at(point.x), y = axes_.y.at(point.y),
                 width = text_width(point.label, Svg::kFont);
    const double right = x + 8, left = x - 8 - width, middle = x - width / 2;
    const auto at = place({{right, y + 15},
                           {right, y - 6},
                           {left, y - 6},
                           {left, y + 15},
                           {right, y + 4},
                           {left, y + 4},
                           {middle, y - 9},
                           {middle, y + 18}},
                          width);
    if (at) out.text(at->x, at->base, point.label, "c-halo");
  }

 private:
  bool is_free(const ChartBox& box, bool may_be_crossed) const {
    return box.left > axes_.left + 2 && box.right < kWidth && box.top > axes_.top &&
           box.bottom < axes_.bottom - 1 &&
           std::ranges::none_of(taken_, [&](const ChartBox& other) { return box.meets(other); }) &&
           (may_be_crossed || std::ranges::none_of(lines_, [&](const Segment& line) {
              return box.meets_line(line.x1, line.y1, line.x2, line.y2);
            }));
  }
  const Axes& axes_;
  std::vector<ChartBox> taken_;
  std::vector<Segment> lines_;
};

/// A line across the plot with its text beside it, or an arrow upwards.
void draw_limit(Svg& out, const CurveChart& chart, const Axes& axes, Labels& labels) {
  if (!chart.limit || !std::isfinite(*chart.limit)) return;
  const std::string text = shortened(chart.limit_text, kRight - axes.left - 24, Svg::kFont);
  const double width = text_width(text, Svg::kFont), y = axes.y.at(*chart.limit);
  const double left = axes.left + 5, right = kRight - 2 - width;
  if (axes.y.holds(*chart.limit)) {
    out.line(axes.left, y, kRight, y, "c-ceiling");
    labels.take({axes.left, y - 1.5, kRight, y + 1.5});
    const auto at = labels.place({{left, y - 5}, {right, y - 5}, {left, y + 15}, {right, y + 15}}, width);
    if (at) out.text(at->x, at->base, text, "c-halo");
  } else if (*chart.limit > 0) {
    const auto at = labels.place({{left + 14, axes.top + 13}, {right, axes.top + 13}}, width);
    if (!at) return;
    out.path(fmt::format("M{:.1f} {:.1f}l5 -5l5 5", at->x - 13, axes.top + 12), "c-ceiling c-open",
             "the limit lies beyond the chart");
    out.text(at->x, at->base, text, "c-halo");
  }
}

}  // namespace

std::string svg(const CurveChart& chart) {
  Svg scratch("", 0, 0, "", "");  // to know the legend's height before the chart's
  const Axes axes = axes_of(chart, draw_legend(scratch, chart) + kAboveAxis);
  Svg out(chart.id, kWidth, axes.bottom + kBelowAxis, chart.title, chart.description);
  draw_legend(out, chart);
  draw_grid(out, chart, axes);
  Labels labels(chart, axes);
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    std::string way;
    for (const Segment& line : segments_of(axes, chart.series[i])) {
      if (way.empty()) way = fmt::format("M{:.1f} {:.1f}", line.x1, line.y1);
      way += fmt::format("L{:.1f} {:.1f}", line.x2, line.y2);
    }
    if (!way.empty()) out.path(way, "c-curve " + stroke(i), chart.series[i].name);
  }
  draw_limit(out, chart, axes, labels);
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    for (const Point& point : chart.series[i].points) {
      if (!axes.holds(point)) continue;
      for (const Segment& line : whiskers_of(axes, point))
        out.line(line.x1, line.y1, line.x2, line.y2, "c-whisker");
      draw_mark(out, axes.x.at(point.x), axes.y.at(point.y), i, point.within,
                fmt::format("{}, {}: {}", chart.series[i].name, point.label, point.text));
    }
  for (const auto& series : chart.series)
    for (const Point& point : series.points) labels.draw(out, point);
  return out.str();
}

}  // namespace assay
