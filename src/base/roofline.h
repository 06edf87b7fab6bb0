// SPDX-License-Identifier: Apache-2.0
// The least time that work can take under two ceilings (Williams, Waterman, Patterson: Roofline, 2009):
//   compute_s = FLOPs / peak FLOP/s      memory_s = bytes / peak bytes/s      the larger of the two
#pragma once

#include <algorithm>
#include <optional>

namespace assay {

/// A peak whose probes lie further apart than this, as a share, is no yardstick for what ran meanwhile.
inline constexpr double kPeakMoved = 0.10;

/// Of one device and number format; empty is unknown.
struct Ceilings {
  std::optional<double> flops_per_s, bytes_per_s;
};

struct LeastTime {
  std::optional<double> compute_s, memory_s;  // empty where work meets an unknown ceiling

  bool known() const { return compute_s && memory_s; }
  bool by_memory() const { return known() && *memory_s >= *compute_s; }
  std::optional<double> seconds() const {
    return known() ? std::optional(std::max(*compute_s, *memory_s)) : std::nullopt;
  }
};

/// No work needs no ceiling: it takes no time.
inline LeastTime least_time(double flops, double bytes, const Ceilings& at) {
  const auto seconds_at = [](double work, const std::optional<double>& ceiling) -> std::optional<double> {
    if (work == 0) return 0;
    return ceiling && *ceiling > 0 ? std::optional(work / *ceiling) : std::nullopt;
  };
  return {.compute_s = seconds_at(flops, at.flops_per_s), .memory_s = seconds_at(bytes, at.bytes_per_s)};
}

}  // namespace assay
