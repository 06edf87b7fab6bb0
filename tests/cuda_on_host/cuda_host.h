// SPDX-License-Identifier: Apache-2.0
// The device cuda-host: the CUDA backend's own device and kernels, on the stand-in. No program finds it;
// tests make it.
#pragma once

#include <memory>
#include <string>

#include "device/backend.h"
#include "device/cuda/cuda_backend.h"
#include "host_runtime.h"
#include "measure/op_data.h"

namespace assay {

/// Device memory is blocks of the exact size here, whose ends the sanitizers watch: they see reads too.
inline constexpr OpDataLayout kExactBlocks = {.guard_bytes = 0};

struct CudaHost {
  explicit CudaHost(const std::string& target = "sm_90") {
    host_set_target(target);
    open = {assay_backend()->open(0), assay_backend()->kernels};
    lane = open.device->lane({});
  }
  ~CudaHost() {
    lane.reset();
    open.device.reset();
    host_require_clean();
    host_knobs() = {};
  }
  CudaHost(const CudaHost&) = delete;
  CudaHost& operator=(const CudaHost&) = delete;
  OpenDevice open;
  std::unique_ptr<Lane> lane;
};

}  // namespace assay
