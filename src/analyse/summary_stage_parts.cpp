// SPDX-License-Identifier: Apache-2.0
// The parts of a model as its readers think of it, what reads rows in them, and what an item costs in energy.
#include <algorithm>

#include "analyse/summary_parts.h"
#include "statistics/statistics.h"

namespace assay {
namespace {

PartSummary part_of(const StageResult& stage, const std::string& name) {
  PartSummary part{.name = name};
  std::map<Bound, double> bounds;
  double least = 0;
  bool known = true;
  for (const OpResult& op : stage.ops) {
    if (op.part != name) continue;
    part.share += *op.share;
    part.time_s += op.time_s->value * static_cast<double>(op.calls);
    if (op.bound) bounds[*op.bound] += *op.share;
    known = known && op.of_peak.measured;
    least += op.of_peak.measured.value_or(0) * *op.share;
  }
  if (known && part.share > 0) part.of_peak = least / part.share;
  for (const auto& [bound, share] : bounds)
    if (share > part.of_bound) {
      part.of_bound = share;
      part.bound = bound;
    }
  if (part.share > 0) part.of_bound /= part.share;
  return part;
}

}  // namespace

void add_parts(StageSummary& summary, const StageResult& stage) {
  for (const OpResult& op : stage.ops)
    if (!op.part.empty() &&
        std::ranges::find(summary.parts, op.part, &PartSummary::name) == summary.parts.end())
      summary.parts.push_back(part_of(stage, op.part));
}

void add_lookups(StageSummary& summary, const StageResult& stage, std::int64_t cache_bytes) {
  for (std::size_t i = 0; i < stage.ops.size(); ++i) {
    const auto& reads = stage.ops[i].random_reads;
    if (!reads) continue;
    LookupSummary lookup{.op = i, .from_cache = {}, .cacheable = {}};
    if (reads->served_bytes_per_s && reads->peak_bytes_per_s && *reads->served_bytes_per_s > 0)
      lookup.from_cache = std::max(0.0, 1 - *reads->peak_bytes_per_s / *reads->served_bytes_per_s);
    if (const auto size = reads->cacheable.lower_bound(cache_bytes);
        cache_bytes > 0 && size != reads->cacheable.end()) {
      lookup.cacheable = size->second;
      lookup.cache_bytes = size->first;
    }
    summary.lookups.push_back(lookup);
  }
}

void add_energy(StageSummary& summary, const StageResult& stage, const CaseResult& one) {
  if (!one.telemetry || !one.telemetry->power_w || !(stage.items > 0) || stage.place == Place::host) return;
  std::optional<double> seconds = summary.time_s;
  if (one.in_flight > 1) {  // a lane's time is no time of the device's: only where the pass is this stage
    seconds.reset();
    const auto windows = one.series.find("window");
    if (one.stages.size() == 1 && windows != one.series.end())
      if (const std::vector<double> draws = all_draws(windows->second); !draws.empty())
        seconds = median(draws) / static_cast<double>(one.in_flight);
  }
  if (seconds) summary.item_energy_j = *one.telemetry->power_w * *seconds / stage.items;
}

}  // namespace assay
