// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_check.h"

#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {
namespace {

std::string hint_for(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return "free device memory (nvidia-smi lists who holds it) or choose a smaller case";
    case cudaErrorNoDevice: return "run where an NVIDIA GPU is visible (nvidia-smi -L), or with --device cpu";
    case cudaErrorInsufficientDriver:
      return "install an NVIDIA driver that supports this CUDA runtime (nvidia-smi shows its CUDA version)";
    case cudaErrorNoKernelImageForDevice:
      return "build with this GPU's architecture in ASSAY_CUDA_ARCHITECTURES";
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorLaunchFailure:
      return "a kernel is at fault and the device is lost to this process; CUDA_LAUNCH_BLOCKING=1 shows "
             "which one";
    default: return "dmesg and nvidia-smi -q may say more about the device's state";
  }
}

}  // namespace

void throw_cuda_error(cudaError_t status, const char* expression, const char* file, int line) {
  static_cast<void>(cudaGetLastError());
  std::string_view where = file;
  where = where.substr(where.rfind('/') + 1);
  throw Error(ExitCode::device_failed,
              std::string("CUDA: ") + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ") in " +
                  expression + " at " + std::string(where) + ":" + std::to_string(line),
              hint_for(status));
}

}  // namespace assay
