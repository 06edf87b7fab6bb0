// SPDX-License-Identifier: Apache-2.0
// The least time that work can take under its ceilings (Williams, Waterman, Patterson: Roofline, 2009), one
// of arithmetic and one of each path that bytes take:
//   FLOPs / peak FLOP/s      bytes of a path / peak bytes/s of that path      the largest of them all
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/path.h"

namespace assay {

/// A peak whose probes lie further apart than this, as a share, is no yardstick for what ran meanwhile.
inline constexpr double kPeakMoved = 0.10;

/// What a time is made of: arithmetic, the path whose bytes take longest, or launching.
enum class Bound : std::uint8_t { compute, memory, host_link, peer_link, storage, network, launch };

constexpr Bound bound_of(Path path) {
  return static_cast<Bound>(1 + static_cast<int>(path));
}
static_assert(bound_of(Path::memory) == Bound::memory && bound_of(Path::network) == Bound::network);

/// Nothing for what moves no bytes.
constexpr std::optional<Path> path_of(Bound bound) {
  if (bound == Bound::compute || bound == Bound::launch) return std::nullopt;
  return static_cast<Path>(static_cast<int>(bound) - 1);
}

inline std::span<const std::string_view> enum_names(Bound) {
  static const auto kNames = [] {
    std::array<std::string_view, kPaths + 2> names = {"compute"};
    std::ranges::copy(enum_names(Path{}), names.begin() + 1);
    names.back() = "launch";
    return names;
  }();
  return kNames;
}

/// Of one device and number format; empty is unknown.
struct Ceilings {
  std::optional<double> flops_per_s;
  std::map<Path, std::optional<double>> bytes_per_s;
};

/// Empty where work meets an unknown ceiling.
struct LeastTime {
  std::optional<double> compute_s;
  std::map<Path, std::optional<double>> path_s;  // of the paths that bytes take

  bool known() const {
    return compute_s && std::ranges::all_of(path_s, [](const auto& one) { return one.second.has_value(); });
  }
  std::optional<double> seconds() const {
    if (!known()) return std::nullopt;
    double most = *compute_s;
    for (const auto& [path, path_s_] : path_s) most = std::max(most, *path_s_);
    return most;
  }
  /// What takes longest; nothing where that is unknown, or where there is no work.
  std::optional<Bound> bound() const {
    const std::optional<double> most = seconds();
    if (!most || *most == 0) return std::nullopt;
    for (const auto& [path, path_s_] : path_s)
      if (*path_s_ == *most) return bound_of(path);
    return Bound::compute;
  }
};

/// No work needs no ceiling: it takes no time.
inline LeastTime least_time(double flops, const BytesByPath& bytes, const Ceilings& at) {
  const auto seconds_at = [](double work, const std::optional<double>& ceiling) -> std::optional<double> {
    if (work == 0) return 0;
    return ceiling && *ceiling > 0 ? std::optional(work / *ceiling) : std::nullopt;
  };
  LeastTime least{.compute_s = seconds_at(flops, at.flops_per_s), .path_s = {}};
  for (const auto& [path, moved] : bytes) {
    const auto ceiling = at.bytes_per_s.find(path);
    least.path_s[path] = seconds_at(moved, ceiling == at.bytes_per_s.end() ? std::nullopt : ceiling->second);
  }
  return least;
}

}  // namespace assay
