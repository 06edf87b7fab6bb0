// SPDX-License-Identifier: Apache-2.0
#include "analyse/excess.h"

#include "base/units.h"

namespace assay {
namespace {

constexpr std::string_view kWarning = "above its ceiling: ";

bool above_measured(const OpResult& op) {
  return op.of_peak.measured.value_or(0) > kProbeNoise;
}
bool is_above(const OpResult& op) {
  return above_measured(op) || op.of_peak.datasheet.value_or(0) > 1;
}

/// Of the ceilings that it is above.
Bound binding(const OpResult& op, const Roof& roof) {
  return (above_measured(op) ? roof.measured : roof.sold).bound().value_or(Bound::compute);
}

}  // namespace

bool Excess::is_one(const std::string& warning) {
  return warning.starts_with(kWarning);
}

void Excess::forget(std::vector<std::string>& warnings) {
  std::erase_if(warnings, is_one);
}

bool served_by_cache(const OpResult& op, const Roof& roof, std::int64_t cache_bytes) {
  if (!is_above(op) || binding(op, roof) != Bound::memory) return false;
  const double bytes = memory_bytes(op.bytes), cache = static_cast<double>(cache_bytes);
  if (bytes <= cache) return true;
  // Calls in a row may share inputs, and find as much of them as the cache holds.
  const double excess = above_measured(op) ? *op.of_peak.measured : *op.of_peak.datasheet;
  return op.calls > 1 && excess * (bytes - cache) / bytes <= 1;
}

void Excess::check(const OpResult& op, const Roof& roof, const DeviceResult& device) {
  if (!is_above(op) || served_by_cache(op, roof, device.cache_bytes)) return;
  const bool measured = above_measured(op);
  const double excess = measured ? *op.of_peak.measured : *op.of_peak.datasheet;
  Entry& entry = entries_[{device.id, op.name}];
  ++entry.count;
  if (excess <= entry.excess) return;
  entry.excess = excess;

  const Bound bound = binding(op, roof);
  const CaseCeiling& ceiling = roof.ceilings.at(bound);
  const auto path = path_of(bound);
  const double work = path ? op.bytes.at(*path) : op.flops;
  entry.text = op.name + " (" + op.kind + " " + op.shape + ") on " + device.id + " shows " +
               quantity_text(work / op.time_s->value, ceiling.unit()) + ", its ceiling is " +
               quantity_text(measured ? ceiling.measured : ceiling.datasheet, ceiling.unit()) +
               (measured ? " measured" : " by datasheet");
  entry.reason = "check the count of its " + std::string(path ? "bytes" : "FLOPs") +
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
