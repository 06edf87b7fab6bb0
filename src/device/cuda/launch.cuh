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

/// kernel<<<grid, block, shared_bytes, stream>>>(args...), checked. Arguments convert to the kernel's own
/// parameter types. Above 48 KiB of dynamic shared memory the kernel's limit is raised first.
template <typename... Params>
void launch(void (*kernel)(Params...), dim3 grid, dim3 block, std::size_t shared_bytes, const Stream& stream,
            std::type_identity_t<Params>... args) {
  constexpr std::size_t kAlwaysGranted = 48 * 1024;
  const void* function = reinterpret_cast<const void*>(kernel);
  if (shared_bytes > kAlwaysGranted)
    ASSAY_CUDA(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(shared_bytes)));
  void* pointers[] = {const_cast<void*>(static_cast<const void*>(&args))..., nullptr};
  const cudaError_t status =
      cudaLaunchKernel(kernel, grid, block, pointers, shared_bytes, cuda_stream(stream));
  if (status == cudaSuccess) return;
  const char* kernel_name = nullptr;
  if (cudaFuncGetName(&kernel_name, function) != cudaSuccess) kernel_name = "a kernel";
  throw_cuda_error(status, kernel_name, "launch.cuh", __LINE__);
}

}  // namespace assay
