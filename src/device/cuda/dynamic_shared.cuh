// SPDX-License-Identifier: Apache-2.0
// The shared memory whose size launch() is given.
#pragma once

namespace assay {

#if defined(__CUDA_ARCH__)
template <typename T>
__device__ inline T* dynamic_shared() {
  extern __shared__ __align__(128) unsigned char assay_dynamic_shared[];
  return reinterpret_cast<T*>(assay_dynamic_shared);
}
#else
template <typename T>
__device__ T* dynamic_shared();  // who runs kernels on the host defines it
#endif

}  // namespace assay
