// SPDX-License-Identifier: Apache-2.0
// Kernels that only the experiments need. They are launched by a CUDA runtime of this program's own, on
// streams of the backend's: a stream is the driver's, and both runtimes share its primary context. No CUDA
// header stands here, so that a build without nvcc has the program too (kernels_absent.cpp).
#pragma once

#include <cstdint>

#include "plan/kernel.h"

namespace assay::experiments {

/// Makes the first GPU this runtime's, too. Unsupported in a build without CUDA.
void use_first_gpu();

/// Each over `bytes`, a multiple of 16, with every multiprocessor. `sink` is 4 bytes that are not written.
void read_bytes(Buffer from, Buffer sink, int multiprocessors, const Stream& stream);
void write_bytes(Buffer to, std::uint32_t seed, int multiprocessors, const Stream& stream);
void copy_bytes(Buffer to, Buffer from, int multiprocessors, const Stream& stream);

/// A kernel about as short as those between two tokens.
struct ShortKernel {
  bool works = true;       // false: it does nothing
  bool dependent = false;  // programmatic dependent launch: it may begin before the one before it ends
  int blocks = 1;
};
constexpr int kShortThreads = 256;      // of a block
constexpr std::int64_t kCycles = 3960;  // that a working one takes: 2 us at 1980 MHz
/// Adds 1 to each u32 of `counters` (blocks * kShortThreads of them), and waits until kCycles have passed.
void launch_short(ShortKernel kernel, Buffer counters, const Stream& stream);

/// What a profiler that was started with --profile-from-start off looks at.
void begin_profile();
void end_profile();

}  // namespace assay::experiments
