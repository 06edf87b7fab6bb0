// SPDX-License-Identifier: Apache-2.0
// Energy of the CPU packages from RAPL and clocks of the cores in use from cpufreq, where the kernel lets us
// read them. Both of the time between start() or resume() and pause() or stop() alone.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "device/device.h"

namespace assay {

class CpuTelemetry {
 public:
  /// `cpus`: one of each core in use.
  explicit CpuTelemetry(std::vector<int> cpus, std::filesystem::path root = "/")
      : root_(std::move(root)), cpus_(std::move(cpus)) {}
  void start();
  void pause();
  void resume();
  std::optional<Telemetry> stop();  // nullopt: nothing to read here

 private:
  struct Counter {
    std::filesystem::path file;
    double microjoules = 0, range = 0;  // the counter wraps at range
  };
  std::vector<Counter> read_energy() const;

  std::filesystem::path root_;
  std::vector<int> cpus_;
  bool running_ = false;
  std::chrono::steady_clock::time_point resumed_;
  std::vector<Counter> at_resume_;

  // Sums over the stretches so far.
  double seconds_ = 0;
  std::optional<double> joules_;
  double clocks_mhz_ = 0;  // one draw a core at the end of each stretch, when the core is still at work
  int clocks_ = 0;
};

}  // namespace assay
