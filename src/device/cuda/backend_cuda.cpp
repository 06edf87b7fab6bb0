// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <cuda_runtime.h>

#include "device/cuda/cuda_backend.h"
#include "device/cuda/cuda_check.h"
#include "device/cuda/cuda_device.h"
#include "device/cuda/cuda_libraries.h"
#include "device/cuda/device_info.h"

namespace assay {
namespace {

std::string version() {
  return "CUDA " + cuda_version_text(CUDART_VERSION) + ", " + ASSAY_CUDA_ARCHITECTURES_TEXT;
}

[[noreturn]] void throw_no_device(cudaError_t status) {
  static_cast<void>(cudaGetLastError());
  int driver = 0;
  const bool has_driver = cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0;
  const std::string looked = "no CUDA device: looked for an NVIDIA driver (libcuda.so.1) and its GPUs, ";
  if (!has_driver)
    throw Error(ExitCode::device_failed, looked + "and found no driver (" + cudaGetErrorName(status) + ")",
                "install an NVIDIA driver, or run with --device cpu");
  throw Error(
      ExitCode::device_failed,
      looked + "and found a driver for CUDA " + cuda_version_text(driver) +
          " that says: " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")",
      "nvidia-smi -L lists the GPUs it sees; CUDA_VISIBLE_DEVICES may hide them; this build wants a driver "
      "for CUDA " +
          cuda_version_text(CUDART_VERSION));
}

int device_count() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0)
    throw_no_device(status == cudaSuccess ? cudaErrorNoDevice : status);
  return count;
}

std::vector<DeviceInfo> find() {
  std::vector<DeviceInfo> found;
  const int count = device_count();
  for (int index = 0; index < count; ++index)
    found.push_back(describe_device(index, Nvml(pci_bus_id_of(index))));
  return found;
}

std::unique_ptr<Device> open(int index) {
  const int count = device_count();
  if (index < 0 || index >= count)
    throw Error(ExitCode::device_failed,
                "no device cuda:" + std::to_string(index) + ": there are " + std::to_string(count),
                "the last one is cuda:" + std::to_string(count - 1));
  return std::make_unique<CudaDevice>(index);
}

}  // namespace
}  // namespace assay

extern "C" __attribute__((visibility("default"))) const assay::Backend* assay_backend() {
  static const assay::Backend backend{"cuda",      assay::version,        assay::find,
                                      assay::open, assay::cuda_kernels(), assay::cuda_libraries};
  return &backend;
}
