// SPDX-License-Identifier: Apache-2.0
// Tensor cores by registers, where a warp's matrices never are in shared memory: PTX ISA, "Matrix fragments
// for mma.m16n8k16 with floating point type", and movmatrix (sm_80 and later). In lane 4 g + q (g = 0..7, q =
// 0..3) and two 16-bit elements a register, the lower column in the lower half:
//   a[0] row g,   columns 2q, 2q+1     a[1] row g+8, columns 2q, 2q+1
//   a[2] row g,   columns 2q+8, 2q+9   a[3] row g+8, columns 2q+8, 2q+9
//   b[0] rows 2q, 2q+1 of column g     b[1] rows 2q+8, 2q+9 of column g
//   d[0], d[1] row g, columns 2q, 2q+1   d[2], d[3] row g+8, columns 2q, 2q+1, in f32
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "device/cuda/convert.cuh"
#include "device/cuda/reduce.cuh"

namespace assay {

/// Two elements in a register, `low` in the lower half.
template <typename T>
__device__ inline std::uint32_t pack_pair(float low, float high) {
  const T pair[2] = {from_float<T>(low), from_float<T>(high)};
  std::uint32_t bits;
  memcpy(&bits, pair, sizeof bits);
  return bits;
}
/// Of two pairs the lower elements, and the upper ones.
__device__ inline std::uint32_t lower_elements(std::uint32_t a, std::uint32_t b) {
  return (a & 0xffffu) | b << 16;
}
__device__ inline std::uint32_t upper_elements(std::uint32_t a, std::uint32_t b) {
  return a >> 16 | (b & 0xffff0000u);
}

#if defined(__CUDACC__)

/// d += a b, by all lanes of a warp.
template <typename T>
__device__ inline void multiply_16x8x16(float (&d)[4], const std::uint32_t (&a)[4],
                                        const std::uint32_t (&b)[2]) {
  if constexpr (sizeof(T) == 2 && std::is_same_v<T, __half>)
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// Of 8 x 8 elements, row g and columns 2q, 2q+1 in lane 4 g + q: the transposed.
__device__ inline std::uint32_t transposed_8x8(std::uint32_t pair) {
  std::uint32_t result;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(pair));
  return result;
}

#else

template <typename T>
float element_of(std::uint32_t pair, int half) {
  const auto bits = static_cast<std::uint16_t>(half == 0 ? pair : pair >> 16);
  T element;
  std::memcpy(&element, &bits, sizeof bits);
  return to_float(element);
}

template <typename T>
void multiply_16x8x16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, g = lane / 4, q = lane % 4;
  for (int of = 0; of < 4; ++of) {  // the lanes that hold a row of a, and a column of b
    std::uint32_t row[4], column[2][2];
    for (int i = 0; i < 4; ++i) row[i] = __shfl_sync(~0u, a[i], 4 * g + of);
    for (int c = 0; c < 2; ++c)
      for (int i = 0; i < 2; ++i) column[c][i] = __shfl_sync(~0u, b[i], 4 * (2 * q + c) + of);
    for (int c = 0; c < 2; ++c)
      for (int half = 0; half < 2; ++half)
        for (int k = 0; k < 2; ++k) {
          const float factor = element_of<T>(column[c][k], half);
          d[c] += element_of<T>(row[2 * k], half) * factor;
          d[2 + c] += element_of<T>(row[2 * k + 1], half) * factor;
        }
  }
}

inline std::uint32_t transposed_8x8(std::uint32_t pair) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, g = lane / 4, q = lane % 4;
  const std::uint32_t low = __shfl_sync(~0u, pair, 4 * (2 * q) + g / 2);
  const std::uint32_t high = __shfl_sync(~0u, pair, 4 * (2 * q + 1) + g / 2);
  return g % 2 == 0 ? lower_elements(low, high) : upper_elements(low, high);
}

#endif

}  // namespace assay
