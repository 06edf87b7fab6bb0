// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/device_info.h"

#include <array>
#include <cmath>

#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_libraries.h"

namespace assay {
namespace {

int attribute(cudaDeviceAttr which, int index) {
  int value = 0;
  ASSAY_CUDA(cudaDeviceGetAttribute(&value, which, index));
  return value;
}

std::string megahertz(int kilohertz) {
  return std::to_string(kilohertz / 1000);
}

}  // namespace

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string pci_bus_id_of(int index) {
  std::array<char, 32> text{};
  ASSAY_CUDA(cudaDeviceGetPCIBusId(text.data(), static_cast<int>(text.size()), index));
  return text.data();
}

DeviceInfo describe_device(int index, const Nvml& nvml) {
  cudaDeviceProp board{};
  ASSAY_CUDA(cudaGetDeviceProperties(&board, index));
  int driver = 0, runtime = 0;
  ASSAY_CUDA(cudaDriverGetVersion(&driver));
  ASSAY_CUDA(cudaRuntimeGetVersion(&runtime));

  DeviceInfo info{.id = "cuda:" + std::to_string(index),
                  .kind = "cuda",
                  .name = board.name,
                  .memory_bytes = static_cast<std::int64_t>(board.totalGlobalMem),
                  .cache_bytes = board.l2CacheSize,
                  .units = board.multiProcessorCount,
                  .properties = {}};
  auto& properties = info.properties;
  properties.emplace("compute_capability", std::to_string(board.major) + "." + std::to_string(board.minor));
  properties.emplace("max_sm_clock_mhz", megahertz(attribute(cudaDevAttrClockRate, index)));
  properties.emplace("memory_clock_mhz", megahertz(attribute(cudaDevAttrMemoryClockRate, index)));
  properties.emplace("memory_bus_bits", std::to_string(board.memoryBusWidth));
  properties.emplace("ecc", board.ECCEnabled != 0 ? "on" : "off");
  properties.emplace("pci_bus_id", pci_bus_id_of(index));
  properties.emplace("cublaslt", cublaslt_version());
  properties.emplace("cudnn", cudnn_version().value_or("not found"));
  if (const auto version = nvml.driver_version()) properties.emplace("driver", *version);
  properties.emplace("cuda_of_driver", cuda_version_text(driver));
  properties.emplace("cuda_runtime", cuda_version_text(runtime));
  if (const auto limit = nvml.power_limit_w())
    properties.emplace("power_limit_w", std::to_string(std::lround(*limit)));
  return info;
}

}  // namespace assay
