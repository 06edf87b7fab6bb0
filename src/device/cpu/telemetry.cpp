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

std::optional<double> CpuTelemetry::read_clock_mhz() const {
  double sum = 0;
  int count = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / "sys/devices/system/cpu", error)) {
    if (const auto khz = number_in(entry.path() / "cpufreq/scaling_cur_freq")) {
      sum += *khz / 1000;
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

void CpuTelemetry::start() {
  started_ = std::chrono::steady_clock::now();
  at_start_ = read_energy();
  clock_at_start_ = read_clock_mhz();
}

std::optional<Telemetry> CpuTelemetry::stop() {
  Telemetry telemetry;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  double joules = 0;
  bool complete = !at_start_.empty();
  for (const Counter& before : at_start_) {
    const auto after = number_in(before.file);
    if (!after) complete = false;
    double delta = after.value_or(0) - before.microjoules;
    if (delta < 0) delta += before.range;
    joules += delta * 1e-6;
  }
  if (complete && seconds > 0) {
    telemetry.energy_j = joules;
    telemetry.power_w = joules / seconds;
  }
  if (const auto clock = read_clock_mhz())
    telemetry.clock_mhz = (*clock + clock_at_start_.value_or(*clock)) / 2;
  if (!telemetry.energy_j && !telemetry.clock_mhz) return std::nullopt;
  return telemetry;
}

}  // namespace assay
