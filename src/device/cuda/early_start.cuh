// SPDX-License-Identifier: Apache-2.0
// Programmatic dependent launch (CUDA C++ Programming Guide, "Programmatic Dependent Launch and
// Synchronization"; compute capability 9.0): a kernel started with launch_early() may become resident while
// the one before it still runs, so that its start, and whatever it does before wait_for_previous(), costs
// nothing.
//
// The rules (tests/tree/early_start_test.cpp holds the sources to the first; of the machine code it was seen
// with cuobjdump that no load or store stands before ACQBULK, the wait):
// - A kernel that is launched early calls start_early(), or its two halves, in every thread, before its first
//   access to memory. Only so does it end after the kernel before it, and the one after may rely on that.
// - Before the wait, memory may be prefetched into the second-level cache, which is where it is coherent, but
//   not read: what the kernel before wrote need not be visible, weights that were just filled included.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

namespace assay {

/// Lets the next kernel start, once all blocks of this one have called it or ended.
__device__ inline void let_next_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// Until the kernel before has ended and what it wrote can be seen.
__device__ inline void wait_for_previous() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

__device__ inline void start_early() {
  let_next_start();
  wait_for_previous();
}

/// Asks for `bytes` (a multiple of 16) from a 16-byte aligned address, and does not wait for them.
__device__ inline void prefetch_to_l2(const void* from, unsigned bytes) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(__cvta_generic_to_global(from)), "r"(bytes)
               : "memory");
#else
  static_cast<void>(from);
  static_cast<void>(bytes);
#endif
}

}  // namespace assay
