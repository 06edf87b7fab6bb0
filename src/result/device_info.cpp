// SPDX-License-Identifier: Apache-2.0
#include "result/device_info.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

template <typename Key>
Ceiling find(const std::map<Key, Ceiling>& ceilings, Key key) {
  const auto found = ceilings.find(key);
  return found == ceilings.end() ? Ceiling{} : found->second;
}

}  // namespace

Ceiling Peaks::of(Path path) const {
  return find(bytes_per_s, path);
}

Ceiling Peaks::of(DType dtype) const {
  return find(flops_per_s, dtype);
}

Ceiling Peaks::of(std::string_view peak) const {
  if (const auto path = path_from(peak)) return of(*path);
  const auto dtype = dtype_from(peak);
  return dtype ? of(*dtype) : Ceiling{};
}

// The faster way: a ceiling below what can be had would flatter whatever goes the other way.
void Peaks::set_host_link(Ceiling to_device, Ceiling from_device) {
  Ceiling faster = to_device;
  faster.datasheet = std::max(to_device.datasheet, from_device.datasheet);
  faster.measured = std::max(to_device.measured, from_device.measured);
  to_device_bytes_per_s = std::move(to_device);
  from_device_bytes_per_s = std::move(from_device);
  if (faster.datasheet || faster.measured) bytes_per_s[Path::host_link] = std::move(faster);
}

}  // namespace assay
