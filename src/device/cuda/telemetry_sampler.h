// SPDX-License-Identifier: Apache-2.0
// Watches power, clock, temperature and clock limits from a thread of its own while samples are taken.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "device/cuda/nvml.h"
#include "device/device.h"

namespace assay {

class TelemetrySampler {
 public:
  explicit TelemetrySampler(const Nvml& nvml) : nvml_(nvml) {}
  ~TelemetrySampler() { stop(); }

  void start();
  /// Means of the samples; energy from the board's own counter. Empty where NVML is absent or start() was not
  /// called.
  std::optional<Telemetry> stop();

 private:
  void take_sample();
  void run();

  const Nvml& nvml_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<double> power_w_, clock_mhz_, temperature_c_;
  std::uint64_t limit_bits_ = 0;  // all that were seen
  std::optional<double> energy_at_start_j_;
};

}  // namespace assay
