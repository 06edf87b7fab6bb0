// SPDX-License-Identifier: Apache-2.0
#include "analyse/utilisation.h"

#include <algorithm>

#include "base/units.h"

namespace assay {
namespace {

constexpr double kProbeNoise = 1.02;  // as for ops: a probe is a measurement too

std::optional<double> measured_peak(const PeaksResult& peaks, const std::string& of) {
  if (of == "bytes") return peaks.bytes_per_s.measured;
  const auto found = peaks.flops_per_s.find(of);
  return found == peaks.flops_per_s.end() ? std::nullopt : found->second.measured;
}

void scale(MetricResult& metric, double factor) {
  for (double* figure : {&metric.median, &metric.min, &metric.max}) *figure *= factor;
  for (auto* figures : {&metric.ci95, &metric.samples})
    for (double& figure : *figures) figure *= factor;
  for (auto* figure : {&metric.p90, &metric.p99})
    if (*figure) **figure *= factor;
}

}  // namespace

void settle_utilisations(CaseResult& one, const DeviceResult& device, std::vector<std::string>& warnings) {
  for (auto& [name, metric] : one.metrics) {
    if (!metric.peak) continue;
    for (const PeaksResult* peaks : {&device.peaks, &device.peaks_after}) {
      const std::optional<double> better = measured_peak(*peaks, metric.peak_of);
      if (!better || *better <= *metric.peak) continue;
      scale(metric, *metric.peak / *better);
      metric.peak = better;
    }
    if (metric.median > kProbeNoise)
      warnings.push_back("above its ceiling: " + name + " of " + one.id + " on " + one.device + " is " +
                         percent_text(metric.median) +
                         " of the measured peak: the data fit in cache, or the probes of "
                         "the peak were disturbed; run again on a quiet machine");
  }
}

}  // namespace assay
