// SPDX-License-Identifier: Apache-2.0
// Element types of kernels, as float and back (round to nearest even; e4m3 saturates), and vectors of them.
#pragma once

#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

namespace assay {

__device__ inline float to_float(float value) {
  return value;
}
__device__ inline float to_float(__half value) {
  return __half2float(value);
}
__device__ inline float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}
__device__ inline float to_float(__nv_fp8_e4m3 value) {
  return static_cast<float>(value);
}

template <typename T>
__device__ T from_float(float value);
template <>
__device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__device__ inline __half from_float<__half>(float value) {
  return __float2half_rn(value);
}
template <>
__device__ inline __nv_bfloat16 from_float<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}
template <>
__device__ inline __nv_fp8_e4m3 from_float<__nv_fp8_e4m3>(float value) {
  return __nv_fp8_e4m3(value);
}

/// N elements that move as one access where they fill 4, 8 or 16 bytes; the address must be aligned to that.
template <typename T, int N>
struct alignas(N * sizeof(T)) Vec {
  T at[N];

  __device__ static Vec load(const T* from) { return *reinterpret_cast<const Vec*>(from); }
  /// For data read once: leaves the caches to others.
  __device__ static Vec load_once(const T* from) {
    static_assert(sizeof(Vec) == 16);
    const uint4 bits = __ldcs(reinterpret_cast<const uint4*>(from));
    return reinterpret_cast<const Vec&>(bits);
  }
  __device__ void store(T* to) const { *reinterpret_cast<Vec*>(to) = *this; }
};

/// Elements of T in a 16-byte access.
template <typename T>
inline constexpr int kVec16 = 16 / static_cast<int>(sizeof(T));

/// Whether kernels may use 16-byte accesses on rows of `columns` elements from a 16-byte aligned base.
template <typename T>
constexpr bool rows_align_16(std::int64_t columns) {
  return columns * static_cast<std::int64_t>(sizeof(T)) % 16 == 0;
}

}  // namespace assay
