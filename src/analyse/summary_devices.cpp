// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

std::optional<double> better_of(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? std::max(*a, *b) : (a ? a : b);
}

Peaks better_of(Peaks peaks, const Peaks& after) {
  peaks.bytes_per_s.measured = better_of(peaks.bytes_per_s.measured, after.bytes_per_s.measured);
  for (const auto& [dtype, ceiling] : after.flops_per_s) {
    Ceiling& mine = peaks.flops_per_s.try_emplace(dtype, ceiling).first->second;
    mine.measured = better_of(mine.measured, ceiling.measured);
  }
  return peaks;
}

void make_labels_unique(std::vector<DeviceSummary>& devices) {
  const auto repeats = [&] {
    std::map<std::string, int> count;
    for (const DeviceSummary& device : devices) ++count[device.label];
    return count;
  };
  auto count = repeats();
  for (DeviceSummary& device : devices)
    if (count[device.label] > 1 && device.label != device.id) device.label += " (" + device.id + ")";
  count = repeats();
  for (DeviceSummary& device : devices)
    if (count[device.label] > 1 && !device.result.empty()) device.label += ", " + device.result;
  count = repeats();
  std::map<std::string, int> seen;
  for (DeviceSummary& device : devices)
    if (count[device.label] > 1) device.label += " #" + std::to_string(++seen[device.label]);
}

void add_drift(Summary& summary, std::size_t device, const std::string& peak, const std::string& unit,
               const Ceiling& before, const Ceiling& after) {
  if (!before.measured || !after.measured || *before.measured <= 0) return;
  const double change = *after.measured / *before.measured - 1;
  summary.drift.push_back({.device = device,
                           .peak = peak,
                           .unit = unit,
                           .before = *before.measured,
                           .after = *after.measured,
                           .change = change});
  if (!summary.worst_drift || std::fabs(change) > std::fabs(summary.worst_drift->change))
    summary.worst_drift = summary.drift.back();
}

}  // namespace

void add_devices(Summary& summary, std::span<const Result> results) {
  for (const Result& result : results) {
    for (const DeviceResult& device : result.devices) {
      const std::size_t index = summary.devices.size();
      summary.devices.push_back({.label = device.name.empty() ? device.id : device.name,
                                 .id = device.id,
                                 .kind = device.kind,
                                 .name = device.name,
                                 .result = result.name,
                                 .memory_bytes = device.memory_bytes,
                                 .cache_bytes = device.cache_bytes,
                                 .units = device.units,
                                 .peaks = better_of(device.peaks, device.peaks_after)});
      add_drift(summary, index, std::string(kMemoryPeak), "B/s", device.peaks.bytes_per_s,
                device.peaks_after.bytes_per_s);
      for (const auto& [dtype, before] : device.peaks.flops_per_s)
        if (const auto after = device.peaks_after.flops_per_s.find(dtype);
            after != device.peaks_after.flops_per_s.end())
          add_drift(summary, index, name_of(dtype), "FLOP/s", before, after->second);
    }
  }
  make_labels_unique(summary.devices);
}

}  // namespace assay
