// SPDX-License-Identifier: Apache-2.0
#include "analyse/ceilings.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/units.h"

namespace assay {
namespace {

Ceiling probed(const Peaks& peaks, const std::string& peak) {
  if (peak == kMemoryPeak) return peaks.bytes_per_s;
  const std::optional<DType> dtype = dtype_from(peak);
  const auto found = dtype ? peaks.flops_per_s.find(*dtype) : peaks.flops_per_s.end();
  return found == peaks.flops_per_s.end() ? Ceiling{} : found->second;
}

/// From the lower to the higher of two probes.
std::string movement(double a, double b, const std::string& unit) {
  const double low = std::min(a, b), high = std::max(a, b), moved = high / low - 1;
  if (!(low > 0) || moved <= kPeakMoved) return {};
  return "moved by " + percent_text(moved) + " (" + quantity_text(low, unit) + " to " +
         quantity_text(high, unit) + ") from before the cases to after them";
}

}  // namespace

CaseCeiling ceiling_of(const CaseResult& one, const DeviceResult& device, const std::string& peak) {
  const Ceiling before = probed(device.peaks, peak), after = probed(device.peaks_after, peak);
  CaseCeiling ceiling{.peak = peak,
                      .datasheet = before.datasheet ? before.datasheet : after.datasheet,
                      .measured = {},
                      .beside = false,
                      .why = {}};
  if (const auto beside = one.peaks.find(peak); beside != one.peaks.end() && beside->second.known()) {
    ceiling.measured = beside->second.value;
    ceiling.beside = true;
    ceiling.why = beside->second.why;
    return ceiling;
  }
  ceiling.measured = before.measured ? before.measured : after.measured;
  if (!before.measured || !after.measured) return ceiling;
  ceiling.measured = std::max(*before.measured, *after.measured);
  ceiling.why = movement(*before.measured, *after.measured, ceiling.unit());
  return ceiling;
}

std::vector<CaseCeiling> ceilings_of(const CaseResult& one, const DeviceResult& device) {
  std::set<std::string> dtypes;
  for (const StageResult& stage : one.stages)
    for (const OpResult& op : stage.ops) dtypes.insert(op.dtype);
  std::vector<CaseCeiling> all = {ceiling_of(one, device, std::string(kMemoryPeak))};
  for (const std::string& dtype : dtypes) all.push_back(ceiling_of(one, device, dtype));
  std::erase_if(all, [](const CaseCeiling& c) { return !c.datasheet && !c.measured; });
  return all;
}

double memory_bytes(const BytesByPath& bytes) {
  const auto found = bytes.find(std::string(kMemoryPeak));
  return found == bytes.end() ? 0 : found->second;
}

}  // namespace assay
