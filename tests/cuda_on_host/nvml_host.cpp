// SPDX-License-Identifier: Apache-2.0
// The functions of NVML that src/device/cuda/nvml.cpp looks up, with nvml.h's numbers.
#include "nvml_host.h"

#include <cstdio>

assay::NvmlScript assay::nvml_script;

namespace {
constexpr int kSuccess = 0, kNotInitialised = 1, kNotSupported = 3;
const auto& script = assay::nvml_script;

int give(unsigned* to, unsigned value) {
  *to = value;
  return kSuccess;
}
}  // namespace

extern "C" {

int nvmlInit_v2() {
  return script.present ? kSuccess : kNotInitialised;
}
int nvmlShutdown() {
  return kSuccess;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char*, void** device) {
  *device = &assay::nvml_script;
  return kSuccess;
}
int nvmlSystemGetDriverVersion(char* text, unsigned bytes) {
  std::snprintf(text, bytes, "host");
  return kSuccess;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  return give(milliwatts, script.power_mw);
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned*) {
  return kNotSupported;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  *millijoules = script.energy_mj;
  return script.counts_energy ? kSuccess : kNotSupported;
}
int nvmlDeviceGetClockInfo(void*, unsigned, unsigned* megahertz) {
  return give(megahertz, script.clock_mhz);
}
int nvmlDeviceGetTemperature(void*, unsigned, unsigned* celsius) {
  return give(celsius, script.temperature_c);
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* bits) {
  *bits = script.clock_limit_bits;
  return kSuccess;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
  return script.link_generation == 0 ? kNotSupported : give(generation, script.link_generation);
}
int nvmlDeviceGetMaxPcieLinkWidth(void*, unsigned* lanes) {
  return script.link_lanes == 0 ? kNotSupported : give(lanes, script.link_lanes);
}
struct Process {  // nvmlProcessInfo_v2_t
  unsigned id;
  unsigned long long bytes;
  unsigned instances[2];
};
int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, Process* processes) {
  *count = 1;
  processes[0] = {script.process, script.process_bytes, {}};
  return kSuccess;
}

}  // extern "C"
