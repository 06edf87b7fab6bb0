// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

void raise(Ceiling& ceiling, const Ceiling& after) {
  if (ceiling.source.empty()) ceiling.source = after.source;
  ceiling.datasheet = ceiling.datasheet ? ceiling.datasheet : after.datasheet;
  ceiling.measured = std::max(ceiling.measured, after.measured);  // nothing is less than any figure
}

template <typename Key>
void raise(std::map<Key, Ceiling>& ceilings, const std::map<Key, Ceiling>& after) {
  for (const auto& [key, ceiling] : after) raise(ceilings[key], ceiling);
}

Peaks better_of(Peaks peaks, const Peaks& after) {
  raise(peaks.flops_per_s, after.flops_per_s);
  raise(peaks.bytes_per_s, after.bytes_per_s);
  raise(peaks.random_read_bytes_per_s, after.random_read_bytes_per_s);
  raise(peaks.to_device_bytes_per_s, after.to_device_bytes_per_s);
  raise(peaks.from_device_bytes_per_s, after.from_device_bytes_per_s);
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

void add_drift(Summary& summary, std::size_t device, std::string_view peak, const DeviceResult& of) {
  const Ceiling before = of.peaks.of(peak), after = of.peaks_after.of(peak);
  if (!before.measured || !after.measured || *before.measured <= 0) return;
  const double change = *after.measured / *before.measured - 1;
  summary.drift.push_back({.device = device,
                           .peak = std::string(peak),
                           .unit = std::string(peak_unit(peak)),
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
      const std::string called = device.name.empty() ? device.id : device.name;
      summary.devices.push_back({.label = result.label.empty() ? called : result.label + ", " + called,
                                 .id = device.id,
                                 .kind = device.kind,
                                 .name = device.name,
                                 .result = shown_name(result),
                                 .memory_bytes = device.memory_bytes,
                                 .cache_bytes = device.cache_bytes,
                                 .units = device.units,
                                 .peaks = better_of(device.peaks, device.peaks_after)});
      for (const auto& [path, before] : device.peaks.bytes_per_s)
        add_drift(summary, index, name(path), device);
      for (const auto& [dtype, before] : device.peaks.flops_per_s)
        add_drift(summary, index, name(dtype), device);
    }
  }
  make_labels_unique(summary.devices);
}

}  // namespace assay
