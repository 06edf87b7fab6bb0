// SPDX-License-Identifier: Apache-2.0
// What a device is, and the ceilings of what it can do: as devices say it, and as results hold it. Plain
// data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/dtype.h"
#include "base/path.h"

namespace assay {

/// A ceiling as sold and as reached by a probe on this machine. Unknown is empty, never 0.
struct Ceiling {
  std::optional<double> datasheet, measured;
  std::string source;  // of the datasheet figure
};

struct Peaks {
  std::map<DType, Ceiling> flops_per_s;  // dense
  std::map<Path, Ceiling> bytes_per_s;   // memory: read-dominated; host_link: the faster of both ways
  Ceiling to_device_bytes_per_s, from_device_bytes_per_s;  // the two ways between host and device
  /// Rows of so many bytes at random places of the device's memory, far more of them than its caches hold.
  std::map<std::int64_t, Ceiling> random_read_bytes_per_s;
  /// The shortest piece of work that the device can be given: CPU, a fork and join of its threads; CUDA, the
  /// replay of a graph with one empty kernel. What takes about as long is bound by it.
  std::optional<double> launch_s;

  Ceiling of(Path path) const;
  Ceiling of(DType dtype) const;
  Ceiling of(std::string_view peak) const;  // by the name of either
  void set_host_link(Ceiling to_device, Ceiling from_device);
};
/// The rows that a device is probed with.
inline constexpr std::int64_t kRandomRowBytes[] = {64, 128, 256, 512};

struct DeviceInfo {
  std::string id;    // "cpu", "cuda:0"
  std::string kind;  // "cpu", "cuda"
  std::string name;  // "AMD EPYC 7B13", "NVIDIA H100 80GB HBM3"
  std::int64_t memory_bytes = 0;
  std::int64_t cache_bytes = 0;                   // last level; 0 unknown
  std::int64_t units = 0;                         // cores used, multiprocessors
  std::map<std::string, std::string> properties;  // driver, ISA, compute capability, threads ...
};

}  // namespace assay
