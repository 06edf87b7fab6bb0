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

constexpr double kWidth = 760, kHeight = 440, kLeft = 92, kRight = 730, kTop = 36, kBottom = 392;
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
  double x(double intensity) const {
    return kLeft + (kRight - kLeft) * (std::log10(intensity) - x_low) / (x_high - x_low);
  }
  double y(double flops_per_s) const {
    return kBottom - (kBottom - kTop) * (std::log10(flops_per_s) - y_low) / (y_high - y_low);
  }
};

Axes axes_of(const RooflineChart& chart) {
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
  return {std::floor(std::log10(x_low / 1.5)), std::ceil(std::log10(x_high * 1.5)),
          std::floor(std::log10(y_low / 1.5)), std::ceil(std::log10(y_high * 1.3))};
}

void draw_grid(Svg& out, const Axes& axes) {
  for (double power = axes.x_low; power <= axes.x_high; ++power) {
    const double x = axes.x(std::pow(10.0, power));
    out.line(x, kTop, x, kBottom, power == axes.x_low ? "c-axis" : "c-grid");
    out.text(x, kBottom + 17, number_text(std::pow(10.0, power), 1), "c-muted", "middle");
  }
  for (double power = axes.y_low; power <= axes.y_high; ++power) {
    const double y = axes.y(std::pow(10.0, power));
    out.line(kLeft, y, kRight, y, power == axes.y_low ? "c-axis" : "c-grid");
    static constexpr std::array<std::string_view, 7> kPrefixes = {"", "k", "M", "G", "T", "P", "E"};
    const int p = static_cast<int>(power);
    if (p < 0 || p > 20) continue;
    out.text(kLeft - 8, y + 4,
             fmt::format("{} {}FLOP/s",
                         p % 3 == 0   ? 1
                         : p % 3 == 1 ? 10
                                      : 100,
                         kPrefixes[static_cast<std::size_t>(p / 3)]),
             "c-muted", "end");
  }
  out.text((kLeft + kRight) / 2, kBottom + 38, "FLOP per byte", "c-muted", "middle");
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
            box.left > kLeft + 2 && box.right < kRight && box.top > kTop && box.bottom < kBottom - 2;
        if (!inside || !is_free(box)) continue;
        take(box);
        return box;
      }
    }
    return std::nullopt;
  }

 private:
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

void draw_points(Svg& out, const Axes& axes, const RooflineChart& chart, Placer& placer) {
  std::vector<RooflineChart::Point> points = chart.points;
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  for (const auto& p : points) {
    const double r = radius_of(p), x = axes.x(p.intensity), y = axes.y(p.flops_per_s);
    placer.take({x - r, y - r, x + r, y + r});
  }
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

void draw_legend(Svg& out, const RooflineChart& chart) {
  double x = kLeft;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    out.path(marker(i, x + 6, 12, 6), fmt::format("c-{} c-mark", i % 10));
    out.text(x + 17, 16, chart.series[i], "c-ink");
    x += 17 + text_width(chart.series[i], Svg::kFont) + 22;
  }
  if (std::any_of(chart.roofs.begin(), chart.roofs.end(), [](const auto& r) { return r.series.has_value(); }))
    return;  // each roof says itself whose it is, and how steep
  for (const bool measured : {true, false}) {
    const auto roof = std::find_if(chart.roofs.begin(), chart.roofs.end(),
                                   [&](const auto& r) { return r.measured == measured; });
    if (roof == chart.roofs.end()) continue;
    const std::string name =
        (measured ? "measured roof, " : "datasheet roof, ") + si_text(roof->bytes_per_s, "B/s");
    out.path(fmt::format("M{:.1f} 12h24", x), measured ? "c-roof" : "c-sold");
    out.text(x + 30, 16, name, "c-muted");
    x += 30 + text_width(name, Svg::kFont) + 22;
  }
}

/// Left of its ridge, where no point can lie; at the right end where there is no room.
void draw_roof_label(Svg& out, const Axes& axes, const RooflineChart::Roof& roof, Placer& placer) {
  const double width = text_width(roof.label, Svg::kFont), y = axes.y(roof.flops_per_s);
  const double ridge = axes.x(roof.flops_per_s / roof.bytes_per_s) - 8;
  const double right = ridge - width > kLeft + 4 ? ridge : kRight - 4;
  for (const double dy : {4.0, -10.0, 18.0, -24.0, 32.0}) {
    const Box box{right - width, y + dy - 11, right, y + dy + 3};
    if (box.top < kTop - 14 || !placer.is_free(box)) continue;
    placer.take(box);
    out.text(right, y + dy, roof.label, "c-halo", "end");
    return;
  }
}

}  // namespace

std::string svg(const RooflineChart& chart) {
  Svg out(chart.id, kWidth, kHeight, chart.title, chart.description);
  const Axes axes = axes_of(chart);
  Placer placer;
  draw_legend(out, chart);
  draw_grid(out, axes);
  for (const auto& roof : chart.roofs) draw_roof(out, axes, roof);
  for (const auto& roof : chart.roofs) draw_roof_label(out, axes, roof, placer);
  draw_points(out, axes, chart, placer);
  return out.str();
}

}  // namespace assay
