// SPDX-License-Identifier: Apache-2.0
// Where a value lives and a stage runs. On the CPU device both are the same CPU.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

enum class Place : std::uint8_t {
  device,  // the device under test
  host,    // the CPU that feeds it
};
inline std::span<const std::string_view> enum_names(Place) {
  static constexpr std::array<std::string_view, 2> kNames = {"device", "host"};
  return kNames;
}
inline std::string_view name(Place place) {
  return enum_names(place)[static_cast<std::size_t>(place)];
}

}  // namespace assay
