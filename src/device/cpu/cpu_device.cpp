// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/cpu_device.h"

#include <omp.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "device/cpu/cpu_lane.h"
#include "device/cpu/cpu_memory.h"
#include "device/cpu/probe.h"
#include "device/machine.h"

namespace assay {
namespace {

std::string gib(std::int64_t bytes) {
  const auto hundredths = static_cast<std::int64_t>(static_cast<double>(bytes) / (1 << 30) * 100 + 0.5);
  const std::string fraction = std::to_string(100 + hundredths % 100).substr(1);
  return std::to_string(hundredths / 100) + "." + fraction + " GiB";
}

/// Cores are taken in the order of their cpus (OMP_PROC_BIND=close).
std::vector<int> cpus_of_threads(std::int64_t threads) {
  std::vector<int> cpus = one_cpu_a_core(process_cpus());
  cpus.resize(std::min(cpus.size(), static_cast<std::size_t>(threads)));
  return cpus;
}

}  // namespace

CpuDevice::CpuDevice() : info_(describe_cpu()), telemetry_(cpus_of_threads(info_.units)) {
  omp_set_num_threads(static_cast<int>(info_.units));
}

std::int64_t CpuDevice::free_bytes() {
  return read_memory().free_bytes;
}

std::unique_ptr<Memory> CpuDevice::allocate(std::int64_t bytes) {
  if (bytes < 0) throw std::logic_error("allocate: negative size");
  const std::int64_t free = free_bytes();
  const auto refuse = [&]() -> Error {
    return {ExitCode::device_failed,
            "cpu: " + std::to_string(bytes) + " bytes (" + gib(bytes) + ") wanted, " + std::to_string(free) +
                " bytes (" + gib(free) + ") free",
            "use a smaller model, batch or context, or free memory (control group limits count)"};
  };
  // Linux grants addresses freely and kills whoever touches too many: ask before.
  if (bytes > free) throw refuse();
  try {
    return std::make_unique<HugeBlock>(bytes);
  } catch (const std::bad_alloc&) {
    throw refuse();
  }
}

std::unique_ptr<Lane> CpuDevice::lane(LaneShare share) {
  return std::make_unique<CpuLane>(*this, share);
}

void CpuDevice::renew() {
  renew_threads();
}

Peaks CpuDevice::measure_peaks(std::span<const DType> dtypes) {
  constexpr int kTakes = 10;
  Peaks peaks = CpuPeakProbe(dtypes, info_.cache_bytes, free_bytes()).peaks(kTakes);
  add_bulk_peaks(peaks, info_.cache_bytes, free_bytes());
  peaks.launch_s = fork_join_s();
  return peaks;
}

std::unique_ptr<PeakProbe> CpuDevice::peak_probe(std::span<const DType> dtypes) {
  return std::make_unique<CpuPeakProbe>(dtypes, info_.cache_bytes, free_bytes());
}

}  // namespace assay
