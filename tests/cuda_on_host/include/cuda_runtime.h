// SPDX-License-Identifier: Apache-2.0
// Found before the toolkit's header of that name when CUDA sources are compiled for the host: its types and
// functions as they are, the language's extensions as C++, and the launch of a typed kernel.
#pragma once
#pragma GCC system_header  // for #include_next

#include_next <cuda_runtime.h>

// Blocks run one after another, so one copy of a block's shared variables is enough; the sanitizers watch it,
// and it is poisoned before each block (kernel_symbols.h finds it).
#undef __shared__
#define __shared__ static
#undef __launch_bounds__
#define __launch_bounds__(...)

#include <functional>
#include <tuple>
#include <type_traits>

#include "../block.h"
#include "../device_functions.h"

namespace assay {

namespace host {
/// Checks the launch against the target and puts it on the stream; `body` runs one thread of the kernel.
cudaError_t launch(const void* function, dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream,
                   std::function<void()> body);
}  // namespace host

template <typename T>
T* dynamic_shared() {
  return static_cast<T*>(host::dynamic_shared_memory());
}

}  // namespace assay

template <typename... Params>
cudaError_t cudaLaunchKernel(void (*kernel)(Params...), dim3 grid, dim3 block, void** arguments,
                             std::size_t shared_bytes, cudaStream_t stream) {
  const auto values = [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return std::tuple<Params...>(*static_cast<Params*>(arguments[kIndex])...);
  }
  (std::index_sequence_for<Params...>());
  return assay::host::launch(reinterpret_cast<const void*>(kernel), grid, block, shared_bytes, stream,
                             [kernel, values] { std::apply(kernel, values); });
}

/// In the place of the toolkit's. Blocks of a kernel start when those before have ended: an early start is
/// left out.
#define cudaLaunchKernelEx cudaLaunchKernelEx_on_host
template <typename... Params>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...),
                               std::type_identity_t<Params>... arguments) {
  void* pointers[] = {static_cast<void*>(&arguments)..., nullptr};
  return cudaLaunchKernel(kernel, config->gridDim, config->blockDim, pointers, config->dynamicSmemBytes,
                          config->stream);
}
