// SPDX-License-Identifier: Apache-2.0
#include "measure/metrics.h"

#include <algorithm>

#include "measure/sampler.h"
#include "statistics/statistics.h"

namespace assay {
namespace {

/// What is divided by an iteration's seconds to give the figure, and the peak it is then a share of.
struct Work {
  double amount = 0;
  std::string peak_of;
  std::optional<double> peak;
};

/// Nothing where a peak is unknown.
std::optional<Work> work_of(const MetricSpec& spec, const Stage& stage, const Peaks& peaks) {
  const auto share = [](double amount, std::string peak_of, const std::optional<double>& peak) {
    return peak ? std::optional<Work>({amount / *peak, std::move(peak_of), peak}) : std::nullopt;
  };
  switch (spec.kind) {
    case MetricSpec::Kind::seconds:
    case MetricSpec::Kind::items_per_second: return Work{stage.items, {}, {}};
    case MetricSpec::Kind::flop_utilisation: {
      const auto found = peaks.flops_per_s.find(spec.dtype);
      return share(stage.cost().flops, std::string(name(spec.dtype)),
                   found == peaks.flops_per_s.end() ? std::nullopt : found->second.measured);
    }
    case MetricSpec::Kind::bandwidth_utilisation:
      return share(stage.cost().bytes(), "bytes", peaks.bytes_per_s.measured);
  }
  return std::nullopt;
}

}  // namespace

MetricResult to_metric(std::vector<double> samples, std::string unit, std::string better) {
  MetricResult metric;
  metric.unit = std::move(unit);
  metric.better = std::move(better);
  metric.median = median(samples);
  if (const auto interval = median_interval(samples)) metric.ci95 = {interval->low, interval->high};
  metric.min = *std::ranges::min_element(samples);
  metric.max = *std::ranges::max_element(samples);
  metric.p90 = supported_percentile(samples, 0.9);
  metric.p99 = supported_percentile(samples, 0.99);
  metric.n = static_cast<std::int64_t>(samples.size());
  metric.samples = std::move(samples);
  return metric;
}

MetricResult time_metric(std::vector<double> seconds, const StopRule& rule) {
  MetricResult metric = to_metric(std::move(seconds), "s", "lower");
  metric.converged = is_converged(metric.samples, rule);
  return metric;
}

std::optional<MetricResult> headline(const MetricSpec& spec, const Stage& stage,
                                     const std::vector<double>& stage_seconds, const Peaks& peaks,
                                     const StopRule& rule) {
  const std::optional<Work> work = work_of(spec, stage, peaks);
  if (!work || stage_seconds.empty()) return std::nullopt;
  MetricResult metric;
  if (spec.kind == MetricSpec::Kind::seconds) {
    metric = to_metric(stage_seconds, "s", "lower");
  } else {
    std::vector<double> figures;
    for (const double seconds : stage_seconds) figures.push_back(work->amount / seconds);
    const bool rate = spec.kind == MetricSpec::Kind::items_per_second;
    metric = to_metric(std::move(figures), rate ? "1/s" : "1", "higher");
  }
  metric.converged = is_converged(stage_seconds, rule);
  metric.definition = spec.definition;
  metric.stage = spec.stage;
  metric.peak_of = work->peak_of;
  metric.peak = work->peak;
  return metric;
}

}  // namespace assay
