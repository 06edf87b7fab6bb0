// SPDX-License-Identifier: Apache-2.0
// Vector loads in assembly, so that no compiler drops a load whose value nobody uses.
#pragma once

#include <cstdint>

namespace assay {

inline constexpr std::int64_t kLine = 64;  // bytes of a cache line

/// kWide: by AVX; the caller ends with end_lines().
template <bool kWide>
inline void read_line(const char* at) {
  if constexpr (kWide) {
    asm volatile("vmovaps (%0), %%ymm0\n vmovaps 32(%0), %%ymm1\n" : : "r"(at) : "xmm0", "xmm1", "memory");
  } else {
    asm volatile(
        "movaps (%0), %%xmm0\n movaps 16(%0), %%xmm1\n movaps 32(%0), %%xmm2\n movaps 48(%0), %%xmm3\n"
        :
        : "r"(at)
        : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
  }
}

template <bool kWide>
inline void end_lines() {
  if constexpr (kWide) asm volatile("vzeroupper" ::: "memory");
}

}  // namespace assay
