// SPDX-License-Identifier: Apache-2.0
// Every CUDA call goes through ASSAY_CUDA: a failure becomes an Error(device_failed) that names it.
#pragma once

#include <cuda_runtime.h>

namespace assay {

/// Also clears the runtime's sticky "last error", so that the next check does not report this one again.
[[noreturn]] void throw_cuda_error(cudaError_t status, const char* expression, const char* file, int line);

}  // namespace assay

// A macro only so that the failing expression and its line show.
#define ASSAY_CUDA(call)                                                        \
  do {                                                                          \
    if (const cudaError_t assay_status_ = (call); assay_status_ != cudaSuccess) \
      ::assay::throw_cuda_error(assay_status_, #call, __FILE__, __LINE__);      \
  } while (false)
