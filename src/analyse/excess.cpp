// SPDX-License-Identifier: Apache-2.0
#include "analyse/excess.h"

#include "base/units.h"

namespace assay {
namespace {

constexpr std::string_view kWarning = "above its ceiling: ";

}  // namespace

bool Excess::is_one(const std::string& warning) {
  return warning.starts_with(kWarning);
}

void Excess::forget(std::vector<std::string>& warnings) {
  std::erase_if(warnings, is_one);
}

void Excess::check(const OpResult& op, const CaseCeiling& compute, const CaseCeiling& memory,
                   const DeviceResult& device) {
  const bool measured = op.of_peak.measured.value_or(0) > kProbeNoise;
  if (!measured && op.of_peak.datasheet.value_or(0) <= 1) return;
  const double excess = measured ? *op.of_peak.measured : *op.of_peak.datasheet;
  Entry& entry = entries_[{device.id, op.name}];
  ++entry.count;
  if (excess <= entry.excess) return;
  entry.excess = excess;

  const auto flops_per_s = measured ? compute.measured : compute.datasheet;
  const auto bytes_per_s = measured ? memory.measured : memory.datasheet;
  const double bytes = memory_bytes(op.bytes);
  const bool by_memory = least_time(op.flops, bytes, {flops_per_s, bytes_per_s}).by_memory();
  entry.text = op.name + " (" + op.kind + " " + op.shape + ") on " + device.id + " shows " +
               (by_memory ? quantity_text(op.bytes_per_s, "B/s") : quantity_text(op.flops_per_s, "FLOP/s")) +
               ", its ceiling is " +
               (by_memory ? quantity_text(bytes_per_s, "B/s") : quantity_text(flops_per_s, "FLOP/s")) +
               (measured ? " measured" : " by datasheet");
  entry.reason = by_memory && device.cache_bytes > 0 && bytes <= static_cast<double>(device.cache_bytes)
                     ? "data of " + bytes_text(bytes) + " fits the last-level cache of " +
                           bytes_text(static_cast<double>(device.cache_bytes)) +
                           ", so memory bandwidth does not limit it"
                     : "check the count of its " + std::string(by_memory ? "bytes" : "FLOPs") +
                           ", or run again: the probe of the peak may have been disturbed";
}

void Excess::check_shares(const CaseResult& one) {
  for (const auto& [name, metric] : one.metrics)
    if (!metric.peak_of.empty() && metric.known() && metric.value > kProbeNoise)
      shares_.push_back(name + " of " + one.id + " on " + one.device + " is " + percent_text(metric.value) +
                        " of the measured peak: the data fit in cache, or the probes of the peak were "
                        "disturbed; run again on a quiet machine");
}

void Excess::report(std::vector<std::string>& warnings) const {
  for (const auto& [where, entry] : entries_) {
    const std::string more =
        entry.count > 1 ? " (the highest of " + std::to_string(entry.count) + " such figures)" : "";
    warnings.push_back(std::string(kWarning) + entry.text + more + ": " + entry.reason);
  }
  for (const std::string& share : shares_) warnings.push_back(std::string(kWarning) + share);
}

}  // namespace assay
