// SPDX-License-Identifier: Apache-2.0
// What a device is, and the ceilings of what it can do: as devices say it, and as results hold it. Plain
// data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/dtype.h"

namespace assay {

/// A ceiling as sold and as reached by a probe on this machine. Unknown is empty, never 0.
struct Ceiling {
  std::optional<double> datasheet, measured;
  std::string source;  // of the datasheet figure
};

struct Peaks {
  std::map<DType, Ceiling> flops_per_s;  // dense
  Ceiling bytes_per_s;                   // device memory, read-dominated
  /// The shortest piece of work that the device can be given: CPU, a fork and join of its threads; CUDA, the
  /// replay of a graph with one empty kernel. What takes about as long is bound by it.
  std::optional<double> launch_s;
};

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
