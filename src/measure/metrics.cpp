// SPDX-License-Identifier: Apache-2.0
#include "measure/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/roofline.h"
#include "base/units.h"
#include "statistics/ratios.h"
#include "statistics/statistics.h"

namespace assay {
namespace {

std::string peak_name(const MetricSpec::Share& share) {
  return std::visit([](auto peak) { return std::string(name(peak)); }, share);
}

/// What the draws show by themselves: the ends, and percentiles.
void add_draws(MetricResult& metric, const std::vector<double>& draws) {
  metric.min = *std::ranges::min_element(draws);
  metric.max = *std::ranges::max_element(draws);
  metric.p90 = supported_percentile(draws, 0.9);
  metric.p99 = supported_percentile(draws, 0.99);
}

void add_estimate(MetricResult& metric, const Estimate& of, const StopRule& rule) {
  metric.value = of.value.value_or(kUnknownValue);
  if (of.ci95) metric.ci95 = {of.ci95->low, of.ci95->high};
  metric.n = of.n;
  metric.blocks = of.blocks;
  metric.units = of.units;
  metric.within_sessions = of.within_variance;
  metric.between_sessions = of.between_variance;
  metric.converged = is_converged(of, rule.target_ci);
  metric.why = of.why;
}

Estimate estimate_of(const BlockedSeries& series, Stat stat, double amount) {
  const Estimate of = estimate(series, stat);
  return amount > 0 ? rate(of, amount) : of;
}

std::vector<double> figures_of(const BlockedSeries& series, double amount) {
  std::vector<double> figures = all_draws(series);
  if (amount > 0)
    for (double& figure : figures) figure = amount / figure;
  return figures;
}

MetricResult named(const std::string& of, Stat stat, double amount, std::string unit) {
  MetricResult metric;
  metric.unit = std::move(unit);
  metric.better = amount > 0 ? Better::higher : Better::lower;
  metric.statistic = stat;
  metric.of = of;
  metric.amount = amount;
  return metric;
}

void withhold(MetricResult& metric, std::string why) {
  metric.value = metric.min = metric.max = kUnknownValue;
  metric.ci95.clear();
  metric.p90.reset();
  metric.p99.reset();
  metric.converged = false;
  metric.why = std::move(why);
}

}  // namespace

double movement_of(const BlockedSeries& probes) {
  constexpr std::size_t kEnough = 10;
  const std::vector<double> draws = all_draws(probes);
  if (draws.empty()) return 0;
  const bool enough = draws.size() >= kEnough;
  return (quantile(draws, enough ? 0.9 : 1) - quantile(draws, enough ? 0.1 : 0)) / median(draws);
}

MetricResult metric_of(const std::string& series_name, const SeriesResult& series, Stat stat, double amount,
                       const StopRule& rule) {
  MetricResult metric = named(series_name, stat, amount, series.unit);
  add_draws(metric, figures_of(series, amount));
  add_estimate(metric, estimate_of(series, stat, amount), rule);
  return metric;
}

PeakFigures peaks_of(const std::map<std::string, BlockedSeries>& probes, const StopRule& rule) {
  PeakFigures peaks;
  for (const auto& [name, draws] : probes) {
    const std::string unit(peak_unit(name));
    PeakFigure peak{named("peak/" + name, Stat::median, 0, unit), estimate(draws, Stat::median)};
    add_draws(peak.metric, all_draws(draws));
    add_estimate(peak.metric, peak.estimate, rule);
    peak.metric.better = Better::higher;
    peak.metric.why.clear();  // how narrow it is asked for is the figures' matter
    if (const double moved = movement_of(draws); moved > kPeakMoved)
      peak.metric.why =
          fmt::format("moved by {} ({} to {})", percent_text(moved), quantity_text(peak.metric.min, unit),
                      quantity_text(peak.metric.max, unit));
    peaks.emplace(name, std::move(peak));
  }
  return peaks;
}

std::optional<MetricResult> headline(const MetricSpec& spec,
                                     const std::map<std::string, SeriesResult>& series,
                                     const PeakFigures& peaks, const Peaks& before, const StopRule& rule) {
  const auto of = series.find(spec.of);
  if (of == series.end() || of->second.blocks.empty()) return std::nullopt;
  MetricResult metric = named(spec.of, spec.stat, spec.amount, spec.unit);
  metric.definition = spec.definition;
  Estimate figure = estimate_of(of->second, spec.stat, spec.amount);
  double divisor = 1;
  std::string moved;
  if (spec.share) {
    metric.peak_of = peak_name(*spec.share);
    if (const auto beside = peaks.find(metric.peak_of); beside != peaks.end()) {
      metric.peak = beside->second.metric.value;
      moved = beside->second.metric.why;
      figure = share_of(figure, beside->second.estimate);
    } else if ((metric.peak = before.of(metric.peak_of).measured)) {
      figure = share_of(figure, *metric.peak);
    } else {
      return std::nullopt;
    }
    divisor = *metric.peak;
  }
  add_draws(metric, figures_of(of->second, spec.amount > 0 ? spec.amount / divisor : 0));
  add_estimate(metric, figure, rule);
  if (!moved.empty())
    withhold(metric, fmt::format("the peak beside it {}: a share of it would say nothing", moved));
  return metric;
}

}  // namespace assay
