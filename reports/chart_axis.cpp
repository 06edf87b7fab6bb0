// SPDX-License-Identifier: Apache-2.0
#include "reports/chart_axis.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "reports/svg.h"

namespace assay {
namespace {

constexpr double kRoom = 0.04;       // of the range, at an end
constexpr double kNarrowest = 0.03;  // of the largest value: texts have three digits
constexpr double kMostTicks = 6, kTextApart = 12, kLineApart = 20;

/// The round number at or below a value, or the one above it.
double rounded(double value, bool up) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  if (up) {
    for (const double step : {1.0, 2.0, 5.0})
      if (step * power >= value * 0.999999) return step * power;
    return 10 * power;
  }
  for (const double step : {5.0, 2.0})
    if (step * power <= value * 1.000001) return step * power;
  return power;
}

}  // namespace

bool ChartRange::takes(double value) const {
  return std::isfinite(value) && (!logarithmic || value > 0);
}

void ChartRange::hold(double value) {
  if (!takes(value)) return;
  low = empty ? value : std::min(low, value);
  high = empty ? value : std::max(high, value);
  empty = false;
}

ChartAxis::ChartAxis(double low, double high, bool logarithmic, double from, double to)
    : low_(low), high_(high), logarithmic_(logarithmic), from_(from), to_(to) {}

ChartAxis ChartAxis::around(const ChartRange& range, double from, double to) {
  if (range.empty) return {0, 1, false, from, to};
  const double largest = std::max(std::fabs(range.low), std::fabs(range.high));
  const double least = largest > 0 ? kNarrowest * largest : 1;
  const double missing = std::max(0.0, least - (range.high - range.low)) / 2;
  const double low = range.low - missing, high = range.high + missing, room = kRoom * (high - low);
  const bool below = range.low >= 0 && low - room < 0;  // no time is less than nothing
  return {below ? 0 : low - room, high + room, false, from, to};
}

ChartAxis ChartAxis::from_zero(const ChartRange& range, double from, double to) {
  return {0, range.empty || range.high <= 0 ? 1 : range.high * (1 + kRoom), false, from, to};
}

ChartAxis ChartAxis::logarithmic(const ChartRange& range, double from, double to) {
  if (range.empty || range.low <= 0) return {1, 10, true, from, to};
  double low = rounded(range.low, false), high = rounded(range.high, true);
  if (high <= low) high = rounded(low * 1.1, true);
  return {low, high, true, from, to};
}

double ChartAxis::share(double value) const {
  return logarithmic_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
}

bool ChartAxis::holds(double value) const {
  if (!std::isfinite(value) || (logarithmic_ && value <= 0)) return false;
  const double where = share(value);
  return where > -1e-9 && where < 1 + 1e-9;
}

double ChartAxis::at(double value) const {
  const double where = logarithmic_ && value <= 0 ? 0 : share(value);
  return from_ + (to_ - from_) * std::clamp(where, 0.0, 1.0);
}

std::vector<ChartAxis::Tick> ChartAxis::ticks_at(const std::vector<double>& values, std::string_view unit,
                                                 double width) const {
  std::vector<Tick> ticks;
  for (const double value : values) {
    if (!holds(value)) continue;
    Tick tick{.at = at(value), .text = value == 0 ? "0" : quantity_text(value, unit), .text_at = at(value)};
    const double half = text_width(tick.text, Svg::kFont) / 2;
    if (!upright()) tick.text_at = std::max(half, std::min(tick.at, width - half));
    ticks.push_back(std::move(tick));
  }
  return ticks;
}

bool ChartAxis::have_room(const std::vector<Tick>& ticks) const {
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    const auto &a = ticks[i - 1], &b = ticks[i];
    const double least =
        upright() ? kLineApart
                  : kTextApart + (text_width(a.text, Svg::kFont) + text_width(b.text, Svg::kFont)) / 2;
    if (std::fabs(b.text_at - a.text_at) < least || a.text == b.text) return false;
  }
  return true;
}

std::vector<ChartAxis::Tick> ChartAxis::ticks(std::string_view unit, double width) const {
  return logarithmic_ ? logarithmic_ticks(unit, width) : even_ticks(unit, width);
}

/// As many as have room, the rounder ones first.
std::vector<ChartAxis::Tick> ChartAxis::logarithmic_ticks(std::string_view unit, double width) const {
  std::vector<double> values;
  for (const double step : {1.0, 5.0, 2.0}) {
    const double last = std::ceil(std::log10(high_));
    for (double power = std::floor(std::log10(low_)); power <= last; ++power) {
      std::vector<double> more = values;
      more.insert(std::ranges::upper_bound(more, step * std::pow(10.0, power)), step * std::pow(10.0, power));
      if (have_room(ticks_at(more, unit, width))) values = std::move(more);
    }
  }
  return ticks_at(values, unit, width);
}

std::vector<ChartAxis::Tick> ChartAxis::even_ticks(std::string_view unit, double width) const {
  std::vector<Tick> ticks;
  for (double most = kMostTicks; most >= 1; --most) {
    const double step = rounded((high_ - low_) / most, true);
    std::vector<double> values;
    for (double i = std::ceil(low_ / step - 1e-9); i * step <= high_ * (1 + 1e-9); ++i)
      values.push_back(i * step);
    ticks = ticks_at(values, unit, width);
    if (have_room(ticks)) return ticks;
  }
  ticks.resize(std::min<std::size_t>(ticks.size(), 1));
  return ticks;
}

}  // namespace assay
