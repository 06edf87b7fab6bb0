// SPDX-License-Identifier: Apache-2.0
// The one way to launch a kernel. It checks that the launch was accepted and names the kernel if not; what a
// kernel then does wrong shows at the next synchronize().
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <cuda_runtime.h>

#include "base/error.h"
#include "device/cuda/cuda_check.h"
#include "plan/kernel.h"

namespace assay {

inline cudaStream_t cuda_stream(const Stream& stream) {
  return static_cast<cudaStream_t>(stream.handle);
}

/// Blocks of `per_block` that cover `count`, as a grid dimension.
inline unsigned blocks_for(std::int64_t count, std::int64_t per_block) {
  const std::int64_t blocks = (count + per_block - 1) / per_block;
  if (blocks < 1 || blocks > 0x7fffffff)
    throw std::logic_error("a grid of " + std::to_string(blocks) + " blocks");
  return static_cast<unsigned>(blocks);
}

/// Whether the current device starts a kernel while the one before it runs: since compute capability 9.0.
inline bool starts_kernels_early() {
  int device = 0, major = 0;
  ASSAY_CUDA(cudaGetDevice(&device));
  ASSAY_CUDA(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  return major >= 9;
}

template <typename... Params>
void launch_checked(void (*kernel)(Params...), cudaLaunchConfig_t& config,
                    std::type_identity_t<Params>... args) {
  constexpr std::size_t kAlwaysGranted = 48 * 1024;
  const void* function = reinterpret_cast<const void*>(kernel);
  if (config.dynamicSmemBytes > kAlwaysGranted)
    ASSAY_CUDA(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(config.dynamicSmemBytes)));
  const cudaError_t status = cudaLaunchKernelEx(&config, kernel, args...);
  if (status == cudaSuccess) return;
  const char* kernel_name = nullptr;
  if (cudaFuncGetName(&kernel_name, function) != cudaSuccess) kernel_name = "a kernel";
  throw_cuda_error(status, kernel_name, "launch.cuh", __LINE__);
}

inline cudaLaunchConfig_t launch_config(dim3 grid, dim3 block, std::size_t shared_bytes,
                                        const Stream& stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = cuda_stream(stream);
  return config;
}

/// kernel<<<grid, block, shared_bytes, stream>>>(args...), checked. Arguments convert to the kernel's own
/// parameter types. Above 48 KiB of dynamic shared memory the kernel's limit is raised first.
template <typename... Params>
void launch(void (*kernel)(Params...), dim3 grid, dim3 block, std::size_t shared_bytes, const Stream& stream,
            std::type_identity_t<Params>... args) {
  cudaLaunchConfig_t config = launch_config(grid, block, shared_bytes, stream);
  launch_checked(kernel, config, args...);
}

/// The same for a kernel that keeps the rules of early_start.cuh.
template <typename... Params>
void launch_early(void (*kernel)(Params...), dim3 grid, dim3 block, std::size_t shared_bytes,
                  const Stream& stream, std::type_identity_t<Params>... args) {
  cudaLaunchConfig_t config = launch_config(grid, block, shared_bytes, stream);
  cudaLaunchAttribute early = {};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  config.attrs = &early;
  config.numAttrs = starts_kernels_early() ? 1 : 0;
  launch_checked(kernel, config, args...);
}

}  // namespace assay
