// SPDX-License-Identifier: Apache-2.0
#include "analyse/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

std::optional<double> better_of(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? std::max(*a, *b) : (a ? a : b);
}

PeaksResult better_of(PeaksResult peaks, const PeaksResult& after) {
  peaks.bytes_per_s.measured = better_of(peaks.bytes_per_s.measured, after.bytes_per_s.measured);
  for (const auto& [dtype, ceiling] : after.flops_per_s) {
    CeilingResult& mine = peaks.flops_per_s.try_emplace(dtype, ceiling).first->second;
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
               const CeilingResult& before, const CeilingResult& after) {
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
      add_drift(summary, index, "bytes_per_s", "B/s", device.peaks.bytes_per_s,
                device.peaks_after.bytes_per_s);
      for (const auto& [dtype, before] : device.peaks.flops_per_s)
        if (const auto after = device.peaks_after.flops_per_s.find(dtype);
            after != device.peaks_after.flops_per_s.end())
          add_drift(summary, index, "flops_per_s " + dtype, "FLOP/s", before, after->second);
    }
  }
  make_labels_unique(summary.devices);
}

namespace {

void add_not_served(Summary& summary, VerifiedOp op) {
  const auto same = [&](const NotServed& other) {
    return std::tie(other.device, other.op, other.kernel, other.reason) ==
           std::tie(op.device, op.op, op.kernel, op.reason);
  };
  auto at = std::ranges::find_if(summary.not_served, same);
  if (at == summary.not_served.end())
    at = summary.not_served.insert(at, {op.device, op.op, op.kernel, op.reason, {}});
  at->shapes.push_back(std::move(op.shape));
}

}  // namespace

void add_verified(Summary& summary, std::span<const Result> results) {
  std::map<std::tuple<std::size_t, std::string, std::string, std::string>, VerifiedOp> all;
  for (const CaseSummary& c : summary.cases) {
    const auto& verification = results[c.result].cases[c.index].verification;
    if (!verification) continue;
    for (const OpVerification& op : verification->ops) {
      summary.elements_checked += op.checked;
      VerifiedOp one{.device = c.device,
                     .op = op.op,
                     .shape = op.shape,
                     .kernel = op.kernel,
                     .status = op.status,
                     .reason = op.reason,
                     .error = op.error,
                     .tolerance = op.tolerance,
                     .used = {},
                     .tolerance_factors = op.tolerance_factors,
                     .checked = op.checked};
      if (op.error && op.tolerance && *op.tolerance > 0) one.used = *op.error / *op.tolerance;
      const auto [kept, is_new] = all.try_emplace({c.device, op.op, op.shape, op.kernel}, one);
      const bool graver = one.status == "failed" && kept->second.status != "failed";
      const bool milder = one.status != "failed" && kept->second.status == "failed";
      if (!is_new && !milder && (graver || one.used.value_or(-1) > kept->second.used.value_or(-1)))
        kept->second = one;
    }
  }
  for (auto& [key, op] : all) {
    ++(op.status == "passed"   ? summary.ops_passed
       : op.status == "failed" ? summary.ops_failed
                               : summary.ops_skipped);
    if (op.status == "skipped")
      add_not_served(summary, std::move(op));
    else
      summary.verified.push_back(std::move(op));
  }
  std::stable_sort(summary.verified.begin(), summary.verified.end(),
                   [](const VerifiedOp& a, const VerifiedOp& b) {
                     return std::pair(a.status != "failed", -a.used.value_or(-1)) <
                            std::pair(b.status != "failed", -b.used.value_or(-1));
                   });
}

Summary summarise(std::span<const Result> results) {
  Summary summary;
  add_devices(summary, results);
  add_cases(summary, results);
  add_comparisons(summary, results);
  add_verified(summary, results);
  return summary;
}

}  // namespace assay
