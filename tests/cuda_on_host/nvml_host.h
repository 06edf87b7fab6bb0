// SPDX-License-Identifier: Apache-2.0
// What NVML says of the GPU, for tests to script. `libnvidia-ml.so.1` is a stand-in here (nvml_host.cpp).
#pragma once

#include <atomic>

namespace assay {

struct NvmlScript {
  std::atomic<bool> present = false;  // false: it cannot be initialised
  std::atomic<unsigned> power_mw = 0, clock_mhz = 0, temperature_c = 0;
  std::atomic<unsigned long long> energy_mj = 0, clock_limit_bits = 0;
  std::atomic<bool> counts_energy = true;
  std::atomic<unsigned> link_generation = 0, link_lanes = 0;  // 0: not supported
  std::atomic<unsigned> process = 0;                          // the only one on the GPU
  std::atomic<unsigned long long> process_bytes = 0;
};
extern NvmlScript nvml_script;

}  // namespace assay
