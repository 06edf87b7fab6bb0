// SPDX-License-Identifier: Apache-2.0
#include "analyse/roofline.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "analyse/utilisation.h"
#include "base/units.h"

namespace assay {
namespace {

/// How far a figure may pass a measured peak before it counts as impossible: probes are measurements too.
constexpr double kProbeNoise = 1.02;
/// A call whose time is within this factor of the shortest useful launch is bound by launching.
constexpr double kLaunchFactor = 2;
constexpr std::string_view kWarning = "above its ceiling: ";

using Known = std::optional<double>;

/// Ceilings of one op: FLOP/s of its dtype and bytes/s, as sold and as measured.
struct Ceilings {
  CeilingResult compute, memory;
  Known launch_s;
};

Known better_of(const Known& a, const Known& b) {
  return a && b ? std::max(*a, *b) : (a ? a : b);
}

CeilingResult better_of(const CeilingResult& before, const CeilingResult& after) {
  return {.datasheet = better_of(before.datasheet, after.datasheet),
          .measured = better_of(before.measured, after.measured),
          .source = before.source};
}

Ceilings ceilings_of(const DeviceResult& device, const std::string& dtype) {
  const auto of_dtype = [&](const PeaksResult& peaks) {
    const auto found = peaks.flops_per_s.find(dtype);
    return found == peaks.flops_per_s.end() ? CeilingResult{} : found->second;
  };
  return {.compute = better_of(of_dtype(device.peaks), of_dtype(device.peaks_after)),
          .memory = better_of(device.peaks.bytes_per_s, device.peaks_after.bytes_per_s),
          .launch_s = device.peaks.launch_s};
}

/// Least seconds of one call at these ceilings; unknown where work meets an unknown ceiling.
struct Least {
  Known compute_s, memory_s;
  Known both() const { return compute_s && memory_s ? Known(std::max(*compute_s, *memory_s)) : std::nullopt; }
};

Known seconds_at(double work, const Known& ceiling) {
  if (work == 0) return 0;  // needs no ceiling
  return ceiling && *ceiling > 0 ? Known(work / *ceiling) : std::nullopt;
}

Least least_time(const OpResult& op, const Known& flops_per_s, const Known& bytes_per_s) {
  return {.compute_s = seconds_at(op.flops, flops_per_s), .memory_s = seconds_at(op.bytes, bytes_per_s)};
}

Known ratio(const Known& a, const Known& b) {
  return a && b && *a > 0 && *b > 0 ? Known(*a / *b) : std::nullopt;
}

Known median_of(const std::optional<MetricResult>& time) {
  return time && std::isfinite(time->median) && time->median > 0 ? Known(time->median) : std::nullopt;
}

std::optional<std::string> bound_of(const Least& least, double time_s, const Known& launch_s) {
  const Known roof = least.both();
  if (launch_s && time_s <= kLaunchFactor * *launch_s && *launch_s > roof.value_or(0)) return "launch";
  if (!roof || *roof == 0) return std::nullopt;
  return *least.compute_s > *least.memory_s ? "compute" : "memory";
}

/// Ops above a ceiling, gathered over cases so that a sweep does not repeat itself.
class Excess {
 public:
  void check(const OpResult& op, const Ceilings& ceilings, const DeviceResult& device) {
    const bool measured = op.of_peak.measured.value_or(0) > kProbeNoise;
    if (!measured && op.of_peak.datasheet.value_or(0) <= 1) return;
    const Known compute = measured ? ceilings.compute.measured : ceilings.compute.datasheet;
    const Known memory = measured ? ceilings.memory.measured : ceilings.memory.datasheet;
    const Least least = least_time(op, compute, memory);
    const bool by_memory = *least.memory_s >= *least.compute_s;
    const double excess = measured ? *op.of_peak.measured : *op.of_peak.datasheet;
    Entry& entry = entries_[{device.id, op.name}];
    ++entry.count;
    if (excess <= entry.excess) return;
    entry.excess = excess;
    entry.text = op.name + " (" + op.kind + " " + op.shape + ") on " + device.id + " shows " +
                 (by_memory ? si_text(*op.bytes_per_s, "B/s") : si_text(*op.flops_per_s, "FLOP/s")) +
                 ", its ceiling is " + (by_memory ? si_text(*memory, "B/s") : si_text(*compute, "FLOP/s")) +
                 (measured ? " measured" : " by datasheet");
    entry.reason = by_memory && device.cache_bytes > 0 && op.bytes <= static_cast<double>(device.cache_bytes)
                       ? "data of " + bytes_text(op.bytes) + " fits the last-level cache of " +
                             bytes_text(static_cast<double>(device.cache_bytes)) +
                             ", so memory bandwidth does not limit it"
                       : "check the count of its " + std::string(by_memory ? "bytes" : "FLOPs") +
                             ", or run again: the probe of the peak may have been disturbed";
  }

  void report(std::vector<std::string>& warnings) const {
    for (const auto& [where, entry] : entries_) {
      const std::string more =
          entry.count > 1 ? " (the highest of " + std::to_string(entry.count) + " such figures)" : "";
      warnings.push_back(std::string(kWarning) + entry.text + more + ": " + entry.reason);
    }
  }

 private:
  struct Entry {
    int count = 0;
    double excess = 0;
    std::string text, reason;
  };
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by device and op
};

void add_to_op(OpResult& op, const Ceilings& ceilings) {
  const Known time = median_of(op.time_s);
  op.intensity = ratio(op.flops, op.bytes);
  op.flops_per_s = ratio(op.flops, time);
  op.bytes_per_s = ratio(op.bytes, time);
  op.of_peak = {};
  op.bound.reset();
  if (!time) return;
  const Least measured = least_time(op, ceilings.compute.measured, ceilings.memory.measured);
  const Least sold = least_time(op, ceilings.compute.datasheet, ceilings.memory.datasheet);
  op.of_peak = {.datasheet = ratio(sold.both(), time), .measured = ratio(measured.both(), time)};
  op.bound = bound_of({.compute_s = measured.compute_s ? measured.compute_s : sold.compute_s,
                       .memory_s = measured.memory_s ? measured.memory_s : sold.memory_s},
                      *time, ceilings.launch_s);
}

void add_shares(StageResult& stage) {
  Known total = 0;
  for (const OpResult& op : stage.ops) {
    const Known time = median_of(op.time_s);
    total = total && time ? Known(*total + *time * static_cast<double>(op.calls)) : std::nullopt;
  }
  for (OpResult& op : stage.ops) {
    op.share.reset();
    if (total && *total > 0) op.share = op.time_s->median * static_cast<double>(op.calls) / *total;
  }
}

void add_to_stage(StageResult& stage, const DeviceResult& device, Excess& excess) {
  Known measured = 0, sold = 0;
  const auto add = [](Known& sum, const Known& one, std::int64_t calls) {
    sum = sum && one ? Known(*sum + *one * static_cast<double>(calls)) : std::nullopt;
  };
  for (OpResult& op : stage.ops) {
    const Ceilings ceilings = ceilings_of(device, op.dtype);
    add_to_op(op, ceilings);
    excess.check(op, ceilings, device);
    add(measured, least_time(op, ceilings.compute.measured, ceilings.memory.measured).both(), op.calls);
    add(sold, least_time(op, ceilings.compute.datasheet, ceilings.memory.datasheet).both(), op.calls);
  }
  add_shares(stage);
  const Known time = median_of(stage.time_s);
  stage.ceiling_s = measured && *measured > 0 ? measured : std::nullopt;
  stage.of_peak = {.datasheet = ratio(sold, time), .measured = ratio(measured, time)};
}

/// A time cannot fall below its stage's least time; a rate rises by as much as the time could fall.
void add_metric_ceilings(CaseResult& c) {
  for (auto& [name, metric] : c.metrics) {
    metric.ceiling.reset();
    const auto stage =
        std::find_if(c.stages.begin(), c.stages.end(),
                     [&metric = metric](const StageResult& s) { return s.name == metric.stage; });
    if (metric.stage.empty() || stage == c.stages.end()) continue;
    if (metric.unit == "s") metric.ceiling = stage->ceiling_s;
    if (metric.unit == "1/s") metric.ceiling = ratio(metric.median, stage->of_peak.measured);
  }
}

}  // namespace

void add_roofline(Result& result) {
  std::erase_if(result.warnings, [](const std::string& w) { return w.starts_with(kWarning); });
  Excess excess;
  for (CaseResult& c : result.cases) {
    const auto device = std::find_if(result.devices.begin(), result.devices.end(),
                                     [&](const DeviceResult& d) { return d.id == c.device; });
    static const DeviceResult kUnknownDevice;
    for (StageResult& stage : c.stages)
      add_to_stage(stage, device == result.devices.end() ? kUnknownDevice : *device, excess);
    add_metric_ceilings(c);
    if (device != result.devices.end()) settle_utilisations(c, *device, result.warnings);
  }
  excess.report(result.warnings);
}

}  // namespace assay
