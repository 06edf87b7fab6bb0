// SPDX-License-Identifier: Apache-2.0
// The ways that bytes take, each with a ceiling of its own. Plans count bytes by path, devices are probed by
// path, and results and reports key both by these names.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace assay {

enum class Path : std::uint8_t {
  memory,     // of the device itself
  host_link,  // between the device and its host's memory
  peer_link,  // between devices of one machine
  storage,
  network,
};
inline constexpr std::size_t kPaths = 5;

inline std::span<const std::string_view> enum_names(Path) {
  static constexpr std::array<std::string_view, kPaths> kNames = {"memory", "host_link", "peer_link",
                                                                  "storage", "network"};
  return kNames;
}
inline std::string_view name(Path path) {
  return enum_names(path)[static_cast<std::size_t>(path)];
}
inline std::optional<Path> path_from(std::string_view text) {
  for (std::size_t i = 0; i < kPaths; ++i)
    if (name(static_cast<Path>(i)) == text) return static_cast<Path>(i);
  return std::nullopt;
}

/// Of one piece of work, reading and writing together.
using BytesByPath = std::map<Path, double>;

/// Peaks go by the name of a path, or of the number format whose arithmetic they are of.
inline std::string_view peak_unit(std::string_view peak) {
  return path_from(peak) ? "B/s" : "FLOP/s";
}

}  // namespace assay
