// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/svg.h"

namespace assay {
namespace {

// As wide as a telephone, where text in a wider chart would shrink.
constexpr double kWidth = 398, kLeft = 46, kRight = 378, kPlot = 270;
constexpr double kLegendRow = 18, kAboveAxis = 28, kBelowAxis = 44;
constexpr double kLabelled = 0.01;  // share of the stage's time below which a point has no label, only a tip
constexpr double kLineHeight = 14;

struct Box {
  double left, top, right, bottom;
  bool meets(const Box& o) const {
    return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
  }
};

/// Logarithmic axes; the ranges hold every point and every roof's ridge, to whole decades.
struct Axes {
  double x_low, x_high, y_low, y_high;  // powers of ten
  double top, bottom;                   // of the plot, in pixels
  double x(double intensity) const {
    return kLeft + (kRight - kLeft) * (std::log10(intensity) - x_low) / (x_high - x_low);
  }
  double y(double flops_per_s) const {
    return bottom - kPlot * (std::log10(flops_per_s) - y_low) / (y_high - y_low);
  }
};

Axes axes_of(const RooflineChart& chart, double top) {
  double x_low = 1e300, x_high = 0, y_low = 1e300, y_high = 0;
  for (const auto& point : chart.points) {
    x_low = std::min(x_low, point.intensity);
    x_high = std::max(x_high, point.intensity);
    y_low = std::min(y_low, point.flops_per_s);
    y_high = std::max(y_high, point.flops_per_s);
  }
  for (const auto& roof : chart.roofs) {
    const double ridge = roof.flops_per_s / roof.bytes_per_s;
    x_low = std::min(x_low, ridge);
    x_high = std::max(x_high, 3 * ridge);
    y_high = std::max(y_high, roof.flops_per_s);
  }
  return {std::floor(std::log10(x_low / 1.5)),
          std::ceil(std::log10(x_high * 1.5)),
          std::floor(std::log10(y_low / 1.5)),
          std::ceil(std::log10(y_high * 1.3)),
          top,
          top + kPlot};
}

void draw_grid(Svg& out, const Axes& axes) {
  for (double power = axes.x_low; power <= axes.x_high; ++power) {
    const double x = axes.x(std::pow(10.0, power));
    out.line(x, axes.top, x, axes.bottom, power == axes.x_low ? "c-axis" : "c-grid");
    out.text(x, axes.bottom + 17, number_text(std::pow(10.0, power), 1), "c-muted", "middle");
  }
  for (double power = axes.y_low; power <= axes.y_high; ++power) {
    const double y = axes.y(std::pow(10.0, power));
    out.line(kLeft, y, kRight, y, power == axes.y_low ? "c-axis" : "c-grid");
    static constexpr std::array<std::string_view, 7> kPrefixes = {"", "k", "M", "G", "T", "P", "E"};
    const int p = static_cast<int>(power);
    if (p < 0 || p > 20) continue;
    out.text(kLeft - 8, y + 4,
             fmt::format("{} {}",
                         p % 3 == 0   ? 1
                         : p % 3 == 1 ? 10
                                      : 100,
                         kPrefixes[static_cast<std::size_t>(p / 3)]),
             "c-muted", "end");
  }
  out.text(0, axes.top - 10, "FLOP/s", "c-muted");
  out.text((kLeft + kRight) / 2, axes.bottom + 37, "FLOP per byte", "c-muted", "middle");
}

void draw_roof(Svg& out, const Axes& axes, const RooflineChart::Roof& roof) {
  const double low = std::pow(10.0, axes.x_low), high = std::pow(10.0, axes.x_high);
  const double bottom = std::pow(10.0, axes.y_low);
  const double start = std::max(low, bottom / roof.bytes_per_s), ridge = roof.flops_per_s / roof.bytes_per_s;
  out.path(fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}", axes.x(start),
                       axes.y(start * roof.bytes_per_s), axes.x(ridge), axes.y(roof.flops_per_s),
                       axes.x(high), axes.y(roof.flops_per_s)),
           roof.series     ? fmt::format("c-roof l-{}", *roof.series % 2)
           : roof.measured ? "c-roof"
                           : "c-sold",
           roof.label);
}

/// Finds room for labels: nothing placed later covers what was placed before.
class Placer {
 public:
  explicit Placer(const Axes& axes) : top_(axes.top), bottom_(axes.bottom) {}

  void take(const Box& box) { taken_.push_back(box); }
  bool is_free(const Box& box) const {
    return std::none_of(taken_.begin(), taken_.end(), [&](const Box& t) { return t.meets(box); });
  }

  /// Right or left of (x, y), at growing distance above and below. Empty where all of that is taken.
  std::optional<Box> place(double x, double y, double width, double radius) {
    for (int step = 0; step < 18; ++step) {
      const double dy = (step % 2 == 0 ? 1 : -1) * ((step + 1) / 2) * kLineHeight;
      const double dx = radius + 5 + (step > 0 ? 10 : 0);
      for (const double left : {x + dx, x - dx - width}) {
        const Box box{left, y + dy - kLineHeight / 2, left + width, y + dy + kLineHeight / 2};
        const bool inside =
            box.left > kLeft + 2 && box.right < kRight && box.top > top_ && box.bottom < bottom_ - 2;
        if (!inside || !is_free(box)) continue;
        take(box);
        return box;
      }
    }
    return std::nullopt;
  }

 private:
  double top_, bottom_;
  std::vector<Box> taken_;
};

double radius_of(const RooflineChart::Point& point) {
  return 3.5 + 7 * std::sqrt(std::clamp(point.weight, 0.0, 1.0));
}

/// Circle, diamond, square by series, so that colour is not all that tells stages apart.
std::string marker(std::size_t series, double x, double y, double r) {
  if (series % 3 == 1)
    return fmt::format("M{:.1f} {:.1f}l{r:.1f} {r:.1f}l-{r:.1f} {r:.1f}l-{r:.1f} -{r:.1f}z", x, y - r * 1.2,
                       fmt::arg("r", r * 1.2));
  if (series % 3 == 2)
    return fmt::format("M{:.1f} {:.1f}h{d:.1f}v{d:.1f}h-{d:.1f}z", x - r, y - r, fmt::arg("d", 2 * r));
  return fmt::format("M{:.1f} {:.1f}a{r:.1f} {r:.1f} 0 1 0 {d:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{d:.1f} 0z",
                     x - r, y, fmt::arg("r", r), fmt::arg("d", 2 * r));
}

void take_points(Placer& placer, const Axes& axes, const RooflineChart& chart) {
  for (const auto& p : chart.points) {
    const double r = 1.2 * radius_of(p), x = axes.x(p.intensity), y = axes.y(p.flops_per_s);
    placer.take({x - r, y - r, x + r, y + r});
  }
}

void draw_points(Svg& out, const Axes& axes, const RooflineChart& chart, Placer& placer) {
  std::vector<RooflineChart::Point> points = chart.points;
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  std::vector<std::pair<Box, const RooflineChart::Point*>> placed;
  for (const auto& p : points) {
    if (p.weight < kLabelled) continue;
    const double r = radius_of(p), x = axes.x(p.intensity), y = axes.y(p.flops_per_s);
    const auto box = placer.place(x, y, text_width(p.label, Svg::kFont), r);
    if (!box) continue;
    const double middle = (box->top + box->bottom) / 2;
    if (std::fabs(middle - y) > 2)
      out.line(x, y, box->left > x ? box->left - 2 : box->right + 2, middle, "c-leader");
    placed.emplace_back(*box, &p);
  }
  for (const auto& p : points)
    out.path(marker(p.series, axes.x(p.intensity), axes.y(p.flops_per_s), radius_of(p)),
             fmt::format("c-{} c-mark", p.series % 10), chart.series[p.series] + ": " + p.label);
  for (const auto& [box, p] : placed) out.text(box.left, box.bottom - 3, p->label, "c-halo");
}

/// Returns how high it is.
double draw_legend(Svg& out, const RooflineChart& chart) {
  double x = 0, y = 0;
  const auto next = [&](double width) {
    if (x > 0 && x + width > kWidth) {
      x = 0;
      y += kLegendRow;
    }
    const double at = x;
    x += width + 20;
    return at;
  };
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const std::string name = shortened(chart.series[i], kWidth - 17, Svg::kFont);
    const double at = next(17 + text_width(name, Svg::kFont));
    out.path(marker(i, at + 6, y + 12, 6), fmt::format("c-{} c-mark", i % 10));
    out.text(at + 17, y + 16, name, "c-ink");
  }
  // Where roofs are of several series each says itself whose it is, and how steep.
  if (std::ranges::none_of(chart.roofs, [](const auto& r) { return r.series.has_value(); }))
    for (const bool measured : {true, false}) {
      const auto roof = std::ranges::find(chart.roofs, measured, &RooflineChart::Roof::measured);
      if (roof == chart.roofs.end()) continue;
      const std::string name =
          (measured ? "measured roof, " : "datasheet roof, ") + si_text(roof->bytes_per_s, "B/s");
      const double at = next(30 + text_width(name, Svg::kFont));
      out.path(fmt::format("M{:.1f} {:.1f}h24", at, y + 12), measured ? "c-roof" : "c-sold");
      out.text(at + 30, y + 16, name, "c-muted");
    }
  return y + kLegendRow;
}

/// Left of its ridge, where no point can lie; else at the right end, above or below its line and on no
/// other's; else nowhere: it has a tip.
void draw_roof_label(Svg& out, const Axes& axes, const RooflineChart& chart, const RooflineChart::Roof& roof,
                     Placer& placer) {
  const double width = text_width(roof.label, Svg::kFont), y = axes.y(roof.flops_per_s);
  const auto ridge_of = [&](const RooflineChart::Roof& r) { return axes.x(r.flops_per_s / r.bytes_per_s); };
  const double ridge = ridge_of(roof) - 8, end = kRight - 4;
  const auto is_anothers = [&](const Box& box) {
    const double middle = (box.top + box.bottom) / 2;
    return std::ranges::any_of(chart.roofs, [&](const RooflineChart::Roof& other) {
      return ridge_of(other) < box.right &&
             std::fabs(axes.y(other.flops_per_s) - middle) < std::fabs(y - middle);
    });
  };
  const std::array<std::pair<double, double>, 13> places = {{{ridge, 4},
                                                             {end, -8},
                                                             {end, 15},
                                                             {ridge, -10},
                                                             {ridge, 18},
                                                             {end, -20},
                                                             {end, 29},
                                                             {ridge, -24},
                                                             {ridge, 32},
                                                             {end, -34},
                                                             {end, 43},
                                                             {ridge, 46},
                                                             {ridge, 60}}};
  for (const auto& [right, dy] : places) {
    const Box box{right - width, y + dy - 11, right, y + dy + 3};
    const bool inside = box.left >= kLeft + 4 && box.top >= axes.top && box.bottom <= axes.bottom;
    if (!inside || is_anothers(box) || !placer.is_free(box)) continue;
    placer.take(box);
    out.text(right, y + dy, roof.label, "c-halo", "end");
    return;
  }
}

}  // namespace

std::string svg(const RooflineChart& chart) {
  Svg scratch("", 0, 0, "", "");  // to know the legend's height before the chart's
  const Axes axes = axes_of(chart, draw_legend(scratch, chart) + kAboveAxis);
  Svg out(chart.id, kWidth, axes.bottom + kBelowAxis, chart.title, chart.description);
  Placer placer(axes);
  draw_legend(out, chart);
  draw_grid(out, axes);
  for (const auto& roof : chart.roofs) draw_roof(out, axes, roof);
  take_points(placer, axes, chart);
  for (const auto& roof : chart.roofs) draw_roof_label(out, axes, chart, roof, placer);
  draw_points(out, axes, chart, placer);
  return out.str();
}

}  // namespace assay
