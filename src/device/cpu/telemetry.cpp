// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/telemetry.h"

#include <fstream>
#include <system_error>

#include "device/control_group.h"

namespace assay {
namespace fs = std::filesystem;
namespace {

std::optional<double> number_in(const fs::path& file) {
  std::ifstream stream(file);
  double value = 0;
  if (!(stream >> value)) return std::nullopt;
  return value;
}

}  // namespace

std::vector<CpuTelemetry::Counter> CpuTelemetry::read_energy() const {
  std::vector<Counter> counters;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / "sys/class/powercap", error)) {
    // Packages alone: cores and DRAM of a package are domains below it and would count twice.
    if (first_line(entry.path() / "name").value_or("").rfind("package-", 0) != 0) continue;
    const auto energy = number_in(entry.path() / "energy_uj");
    if (!energy) continue;  // readable by root only on most systems
    counters.push_back({.file = entry.path() / "energy_uj",
                        .microjoules = *energy,
                        .range = number_in(entry.path() / "max_energy_range_uj").value_or(0)});
  }
  return counters;
}

void CpuTelemetry::start() {
  seconds_ = clocks_mhz_ = 0;
  clocks_ = 0;
  joules_ = 0;
  running_ = false;
  resume();
}

void CpuTelemetry::resume() {
  if (running_) return;
  running_ = true;
  at_resume_ = read_energy();
  if (at_resume_.empty()) joules_.reset();
  resumed_ = std::chrono::steady_clock::now();
}

void CpuTelemetry::pause() {
  if (!running_) return;
  running_ = false;
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - resumed_).count();
  for (const Counter& before : at_resume_) {
    const auto after = number_in(before.file);
    double delta = after.value_or(0) - before.microjoules;
    if (delta < 0) delta += before.range;
    if (!after) joules_.reset();
    if (joules_) *joules_ += delta * 1e-6;
  }
  for (const int cpu : cpus_) {
    const fs::path folder = root_ / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu));
    if (const auto khz = number_in(folder / "cpufreq/scaling_cur_freq")) {
      clocks_mhz_ += *khz / 1000;
      ++clocks_;
    }
  }
}

std::optional<Telemetry> CpuTelemetry::stop() {
  pause();
  Telemetry telemetry;
  telemetry.energy_j = joules_;
  if (joules_ && seconds_ > 0) telemetry.power_w = *joules_ / seconds_;
  if (clocks_ > 0) telemetry.clock_mhz = clocks_mhz_ / clocks_;
  if (!telemetry.energy_j && !telemetry.clock_mhz) return std::nullopt;
  return telemetry;
}

}  // namespace assay
