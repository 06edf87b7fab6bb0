// SPDX-License-Identifier: Apache-2.0
#include "analyse/ceilings.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/units.h"

namespace assay {
namespace {

/// From the lower to the higher of two probes.
std::string movement(double a, double b, const std::string& unit) {
  const double low = std::min(a, b), high = std::max(a, b), moved = high / low - 1;
  if (!(low > 0) || moved <= kPeakMoved) return {};
  return "moved by " + percent_text(moved) + " (" + quantity_text(low, unit) + " to " +
         quantity_text(high, unit) + ") from before the cases to after them";
}

}  // namespace

CaseCeiling ceiling_of(const CaseResult& one, const DeviceResult& device, std::string_view peak) {
  const Ceiling before = device.peaks.of(peak), after = device.peaks_after.of(peak);
  CaseCeiling ceiling{.peak = std::string(peak),
                      .datasheet = before.datasheet ? before.datasheet : after.datasheet,
                      .measured = {},
                      .beside = false,
                      .why = {}};
  if (const auto beside = one.peaks.find(ceiling.peak); beside != one.peaks.end() && beside->second.known()) {
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
  std::set<Path> paths = {Path::memory};
  for (const StageResult& stage : one.stages)
    for (const OpResult& op : stage.ops) {
      dtypes.insert(op.dtype);
      for (const auto& [path, bytes] : op.bytes) paths.insert(path);
    }
  std::vector<CaseCeiling> all;
  for (const Path path : paths) all.push_back(ceiling_of(one, device, name(path)));
  for (const std::string& dtype : dtypes) all.push_back(ceiling_of(one, device, dtype));
  std::erase_if(all, [](const CaseCeiling& c) { return !c.datasheet && !c.measured; });
  return all;
}

Roof::Roof(const OpResult& op, const CaseResult& one, const DeviceResult& device) {
  Ceilings reached, given;
  const CaseCeiling& compute = ceilings[Bound::compute] = ceiling_of(one, device, op.dtype);
  reached.flops_per_s = compute.measured;
  given.flops_per_s = compute.datasheet;
  for (const auto& [path, bytes] : op.bytes) {
    const CaseCeiling& ceiling = ceilings[bound_of(path)] = ceiling_of(one, device, name(path));
    reached.bytes_per_s[path] = ceiling.measured;
    given.bytes_per_s[path] = ceiling.datasheet;
  }
  measured = least_time(op.flops, op.bytes, reached);
  sold = least_time(op.flops, op.bytes, given);
}

bool Roof::moved() const {
  return !ceilings.at(measured.bound().value_or(Bound::compute)).why.empty();
}

double memory_bytes(const BytesByPath& bytes) {
  const auto found = bytes.find(Path::memory);
  return found == bytes.end() ? 0 : found->second;
}

}  // namespace assay
