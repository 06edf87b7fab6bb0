// SPDX-License-Identifier: Apache-2.0
// The GPU's own counters that CUDA C++ has no name for. PTX ISA, "Special Registers": %globaltimer, %smid.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

namespace assay {

#if defined(__CUDACC__)

/// Nanoseconds, the same for all multiprocessors. It moves in steps of 32 ns to 1 ms, by GPU and driver.
__device__ inline std::uint64_t global_ns() {
  std::uint64_t ns = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(ns));
  return ns;
}

/// That the calling thread runs on.
__device__ inline unsigned multiprocessor() {
  unsigned id = 0;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(id));
  return id;
}

#else
std::uint64_t global_ns();  // who runs kernels on the host defines them
unsigned multiprocessor();
#endif

}  // namespace assay
