// SPDX-License-Identifier: Apache-2.0
// cuBLASLt on one device: its handle and the workspace that all its calls share (they run on one stream).
#pragma once

#include <cublasLt.h>

#include "device/cuda/cuda_handle.h"
#include "plan/kernel.h"

namespace assay {

/// Throws Error(device_failed) naming the call.
[[noreturn]] void throw_cublas_error(cublasStatus_t status, const char* expression, const char* file,
                                     int line);

class LtContext {
 public:
  /// What NVIDIA recommends for Hopper, and enough elsewhere.
  static constexpr std::int64_t kWorkspaceBytes = std::int64_t{32} << 20;

  explicit LtContext(Buffer workspace);
  cublasLtHandle_t handle() const { return handle_.get(); }
  Buffer workspace() const { return workspace_; }

 private:
  CudaHandle<cublasLtHandle_t, cublasLtDestroy> handle_;
  Buffer workspace_;  // owned by the device
};

}  // namespace assay

// A macro only so that the failing expression and its line show.
#define ASSAY_CUBLAS(call)                                                                   \
  do {                                                                                       \
    if (const cublasStatus_t assay_status_ = (call); assay_status_ != CUBLAS_STATUS_SUCCESS) \
      ::assay::throw_cublas_error(assay_status_, #call, __FILE__, __LINE__);                 \
  } while (false)
