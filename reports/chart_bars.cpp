// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

// As wide as a telephone, where text in a wider chart would shrink: a label stands above its bars.
constexpr double kWidth = 380, kBar = 14, kBarGap = 4, kLabel = 17, kGroupGap = 8;
/// A ceiling further than this beyond the longest bar would squeeze the bars: it gets an arrow at the edge.
constexpr double kCeilingMost = 4;

/// 1, 2 or 5 times a power of ten, at most `ticks` of them in `range`.
double tick_step(double range, double ticks) {
  const double power = std::pow(10.0, std::floor(std::log10(range / ticks)));
  for (const double step : {1.0, 2.0, 5.0})
    if (range / (step * power) <= ticks) return step * power;
  return 10 * power;
}

/// Every second device is pale inside of its outline: told apart without colour.
std::string css_of(std::size_t series) {
  return series % 2 == 0 ? fmt::format("c-{}", series % 10) : fmt::format("c-{0} c-pale l-{0}", series % 10);
}

struct Layout {
  double left, right, top, scale_max;
  double x(double value) const { return left + (right - left) * std::clamp(value / scale_max, 0.0, 1.0); }
};

Layout layout_of(const BarChart& chart, double top) {
  double text = 0, largest = 0, ceiling = 0;
  for (const auto& bar : chart.bars) {
    text = std::max(text, text_width(bar.text, Svg::kFont));
    largest = std::max({largest, bar.value, bar.high.value_or(0)});
  }
  for (const auto& bar : chart.bars)
    if (bar.ceiling.value_or(0) <= kCeilingMost * largest)
      ceiling = std::max(ceiling, bar.ceiling.value_or(0));
  return {.left = 8,
          .right = kWidth - text - 12,
          .top = top,
          .scale_max = std::max({largest, ceiling, 1e-300}) * 1.02};
}

/// As many ticks as have room for their labels.
double tick_step(const BarChart& chart, const Layout& to) {
  for (const double ticks : {4.0, 3.0, 2.0}) {
    const double step = tick_step(to.scale_max, ticks);
    const double last = std::floor(to.scale_max * 1.0001 / step) * step;
    if (text_width(quantity_text(last, chart.unit), Svg::kFont) + 10 < to.x(step) - to.left) return step;
  }
  return tick_step(to.scale_max, 1);
}

double draw_legend(Svg& out, const BarChart& chart) {
  const bool ceilings =
      std::any_of(chart.bars.begin(), chart.bars.end(), [](const auto& b) { return b.ceiling.has_value(); });
  double x = 0, y = 12;
  const auto next = [&](double width) {
    if (x > 0 && x + width > kWidth) {
      x = 0;
      y += 20;
    }
    const double at = x;
    x += width + 22;
    return at;
  };
  if (chart.series.size() > 1)
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
      const std::string name = shortened(chart.series[i], kWidth - 18, Svg::kFont);
      const double at = next(18 + text_width(name, Svg::kFont));
      out.rect(at, y - 10, 12, 12, css_of(i));
      out.text(at + 18, y, name, "c-ink");
    }
  const double whisker = next(22 + text_width("95 % interval", Svg::kFont));
  out.line(whisker, y - 4, whisker + 14, y - 4, "c-whisker");
  out.line(whisker, y - 8, whisker, y, "c-whisker");
  out.line(whisker + 14, y - 8, whisker + 14, y, "c-whisker");
  out.text(whisker + 20, y, "95 % interval", "c-muted");
  if (ceilings) {
    const std::string text = "bound at the measured peaks";
    const double at = next(10 + text_width(text, Svg::kFont));
    out.line(at + 2, y - 11, at + 2, y + 3, "c-ceiling");
    out.text(at + 10, y, text, "c-muted");
  }
  return y + 16;
}

void draw_bar(Svg& out, const Layout& to, const BarChart::Bar& bar, double y, const std::string& tip) {
  const double middle = y + kBar / 2, end = to.x(bar.value);
  out.rect(to.left, y, std::max(end - to.left, 1.0), kBar, css_of(bar.series), tip);
  if (bar.ceiling && *bar.ceiling <= to.scale_max) {
    const double x = to.x(*bar.ceiling);
    out.line(x, y - 2, x, y + kBar + 2, "c-back");
    out.line(x, y - 2, x, y + kBar + 2, "c-ceiling");
  } else if (bar.ceiling) {
    out.path(fmt::format("M{0:.1f} {1:.1f}l5 5l-5 5", to.right - 6, middle - 5), "c-ceiling c-open",
             "the ceiling lies beyond the chart");
  }
  if (bar.low && bar.high) {
    const double low = to.x(*bar.low), high = to.x(*bar.high);
    out.line(low, middle, high, middle, "c-whisker");
    out.line(low, middle - 4, low, middle + 4, "c-whisker");
    out.line(high, middle - 4, high, middle + 4, "c-whisker");
  }
  out.text(kWidth, middle + 4, bar.text, "c-strong", "end");
}

}  // namespace

std::string svg(const BarChart& chart) {
  std::vector<std::string> labels;
  for (const auto& bar : chart.bars)
    if (std::find(labels.begin(), labels.end(), bar.label) == labels.end()) labels.push_back(bar.label);
  const double rows = static_cast<double>(chart.bars.size()), groups = static_cast<double>(labels.size());
  const double plot = rows * (kBar + kBarGap) + groups * (kLabel + kGroupGap);
  Svg scratch("", 0, 0, "", "");  // to know the legend's height before the chart's
  const double top = draw_legend(scratch, chart);
  Svg out(chart.id, kWidth, top + plot + 24, chart.title, chart.description);
  draw_legend(out, chart);

  const Layout to = layout_of(chart, top);
  const double bottom = to.top + plot;
  const double step = tick_step(chart, to);
  for (int i = 0; i * step <= to.scale_max * 1.0001; ++i) {
    const double x = to.x(i * step);
    out.line(x, to.top, x, bottom, i == 0 ? "c-axis" : "c-grid");
    out.text(x, bottom + 16, i == 0 ? "0" : quantity_text(i * step, chart.unit), "c-muted", "middle");
  }
  double y = to.top + kGroupGap / 2;
  for (const std::string& label : labels) {
    out.text(0, y + kLabel - 5, shortened(label, kWidth, Svg::kFont), "c-halo");
    y += kLabel;
    for (const auto& bar : chart.bars) {
      if (bar.label != label) continue;
      draw_bar(out, to, bar, y, bar.label + ", " + chart.series[bar.series] + ": " + bar.text);
      y += kBar + kBarGap;
    }
    y += kGroupGap;
  }
  return out.str();
}

}  // namespace assay
