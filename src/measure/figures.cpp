// SPDX-License-Identifier: Apache-2.0
#include "measure/figures.h"

#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "measure/metrics.h"

namespace assay {
namespace {

constexpr std::string_view kPeaks = "peak/";

void set(CaseResult& one, CaseStatus status, std::string reason) {
  one.status = status;
  one.reason.reset();
  if (!reason.empty()) one.reason = std::move(reason);
}

}  // namespace

std::string peak_series(std::string_view peak) {
  return std::string(kPeaks) + std::string(peak);
}

void add_figures(CaseResult& one, std::span<const MetricSpec> specs, const Peaks& before,
                 const StopRule& rule) {
  std::map<std::string, BlockedSeries> probes;
  for (const auto& [name, series] : one.series)
    if (name.starts_with(kPeaks)) probes.emplace(name.substr(kPeaks.size()), series);
  const PeakFigures peaks = peaks_of(probes, rule);
  for (const auto& [peak, figure] : peaks) one.peaks.emplace(peak, figure.metric);
  for (StageResult& stage : one.stages) {
    const std::string name = stage_series(stage.name);
    const auto at = one.series.find(name);
    if (at != one.series.end()) stage.time_s = metric_of(name, at->second, Stat::median, 0, rule);
  }
  for (const MetricSpec& spec : specs)
    if (auto metric = headline(spec, one.series, peaks, before, rule))
      one.metrics.emplace(spec.name, std::move(*metric));
}

void judge_figures(CaseResult& one, const StopRule& rule, bool interrupted) {
  const std::string reason(interrupted ? kInterrupted : "");
  std::size_t timed = 0;
  std::string poor;
  for (const StageResult& stage : one.stages) {
    const std::int64_t blocks = stage.time_s ? stage.time_s->blocks : 0;
    timed += blocks > 0;
    if ((blocks == 0 || stage.time_s->ci95.empty()) && poor.empty())
      poor = fmt::format("{} has {} blocks, too few for an interval (of {} at least)", stage.name, blocks,
                         kMinBlocks);
  }
  if (timed == 0 && interrupted) return set(one, CaseStatus::skipped, reason);
  if (!poor.empty())
    return set(one, CaseStatus::not_a_measurement,
               reason.empty() ? fmt::format("{}: raise /measure/give_up_seconds ({}), or use a smaller load",
                                            poor, number_text(rule.give_up_seconds))
                              : fmt::format("{}: {}", reason, poor));
  set(one, CaseStatus::ok, reason);
}

}  // namespace assay
