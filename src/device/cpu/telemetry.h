// SPDX-License-Identifier: Apache-2.0
// Energy of the CPU packages from RAPL and core clocks from cpufreq, where the kernel lets us read them.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "device/device.h"

namespace assay {

class CpuTelemetry {
 public:
  explicit CpuTelemetry(std::filesystem::path root = "/") : root_(std::move(root)) {}
  void start();
  std::optional<Telemetry> stop();  // nullopt: nothing to read here

 private:
  struct Counter {
    std::filesystem::path file;
    double microjoules = 0, range = 0;  // the counter wraps at range
  };
  std::vector<Counter> read_energy() const;
  std::optional<double> read_clock_mhz() const;  // mean of the cores

  std::filesystem::path root_;
  std::vector<Counter> at_start_;
  std::optional<double> clock_at_start_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace assay
