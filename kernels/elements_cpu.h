// SPDX-License-Identifier: Apache-2.0
// What the CPU kernels share outside their vector code: element types, which vector extensions are compiled,
// and the split of work over threads. Included before <hwy/foreach_target.h>, which reads
// HWY_DISABLED_TARGETS.
#pragma once

// Compiled: SSE4, AVX2, AVX-512 and the plain baseline. SSSE3 is of the same width as SSE4 and rarer than
// either. Builds may leave out more.
#ifndef ASSAY_TARGETS_LEFT_OUT
#define ASSAY_TARGETS_LEFT_OUT 0
#endif
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | ASSAY_TARGETS_LEFT_OUT)

#include <omp.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "base/dtype.h"
#include "base/error.h"

namespace assay::cpu {

/// Storage of the 16-bit types; float is its own.
struct Bf16 {
  std::uint16_t bits;
};
struct F16 {
  std::uint16_t bits;
};

/// Calls `work` with a value of the element type of `type`; a factory has refused all others by then.
template <class Work>
void with_element(DType type, const Work& work) {
  switch (type) {
    case DType::f32: return work(float{});
    case DType::bf16: return work(Bf16{});
    case DType::f16: return work(F16{});
    default: throw std::logic_error("element type has no CPU kernel");
  }
}

inline void require_element(DType type, std::string_view kernel) {
  if (type == DType::f32 || type == DType::bf16 || type == DType::f16) return;
  throw Unsupported(std::string(kernel) + " on the CPU takes f32, bf16 and f16, not " +
                    std::string(name(type)));
}

/// Below this much traffic a loop ends before a second thread has woken up (a few microseconds).
inline constexpr double kParallelBytes = 128 * 1024;

/// work(begin, end, thread) over even, contiguous parts of [0, count); one part where `bytes` is small.
template <class Work>
void parallel_ranges(std::int64_t count, double bytes, const Work& work) {
  if (count < 2 || bytes < kParallelBytes || omp_get_max_threads() == 1) {
    work(std::int64_t{0}, count, 0);
    return;
  }
#pragma omp parallel
  {
    const std::int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    const std::int64_t begin = count * thread / threads, end = count * (thread + 1) / threads;
    if (begin < end) work(begin, end, static_cast<int>(thread));
  }
}

/// Floats on a cache line boundary that a factory takes once, so that launch() allocates nothing.
class Scratch {
 public:
  static constexpr std::int64_t kLine = 64;  // bytes

  explicit Scratch(std::int64_t floats)
      : bytes_((floats * 4 + kLine - 1) / kLine * kLine),
        data_(static_cast<float*>(std::aligned_alloc(kLine, static_cast<std::size_t>(bytes_ + kLine))),
              &std::free) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  float* data() const { return data_.get(); }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::int64_t bytes_;
  std::unique_ptr<float, decltype(&std::free)> data_;
};

constexpr std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace assay::cpu
