// SPDX-License-Identifier: Apache-2.0
// Watches power, clock, temperature and clock limits from a thread of its own while work is timed, and takes
// the energy of those stretches alone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "device/cuda/nvml.h"
#include "device/device.h"

namespace assay {

class TelemetrySampler {
 public:
  /// `now_s`: empty for steady_clock.
  explicit TelemetrySampler(const Nvml& nvml, std::function<double()> now_s = {});
  ~TelemetrySampler() { stop(); }

  void start();  // running, not paused
  void pause();
  void resume();
  /// Of the stretches between start() or resume() and pause() or stop(). Power is energy over their time
  /// where the board counts energy and they are long enough, else the samples' mean. Empty where NVML is
  /// absent or start() was not called.
  std::optional<Telemetry> stop();
  /// What the thread does at each interval: a sample, unless it is paused.
  void look();

 private:
  void take_sample();
  void run();
  void begin_stretch();
  void end_stretch();

  const Nvml& nvml_;
  const std::function<double()> now_s_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, paused_ = false;
  std::vector<double> power_w_, clock_mhz_, temperature_c_;
  std::uint64_t limit_bits_ = 0;  // all that were seen
  int samples_ = 0;               // of this stretch
  double began_s_ = 0, timed_s_ = 0, energy_j_ = 0;
  std::optional<double> began_j_;
  bool energy_known_ = true;
};

}  // namespace assay
