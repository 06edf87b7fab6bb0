// SPDX-License-Identifier: Apache-2.0
// What follows the sum of a matmul, in f32: activation(sum * scale + bias) + residual, stored as the op's
// `out`.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "kernels/matmul/cuda/activation_cuda.cuh"

namespace assay {

/// Pointers and choices of one call; null where the op has none.
struct MatMulEpilogue {
  void* y;               // [m, n]
  const void* bias;      // [n]
  const void* residual;  // [m, n]
  const float *scale_x, *scale_w;
  DType out;  // of y, bias and residual
  Activation activation;
  float cap;

  __device__ float load(const void* from, std::int64_t i) const {
    switch (out) {
      case DType::f16: return to_float(static_cast<const __half*>(from)[i]);
      case DType::bf16: return to_float(static_cast<const __nv_bfloat16*>(from)[i]);
      default: return static_cast<const float*>(from)[i];
    }
  }
  __device__ void store(std::int64_t i, float value) const {
    switch (out) {
      case DType::f16: static_cast<__half*>(y)[i] = from_float<__half>(value); break;
      case DType::bf16: static_cast<__nv_bfloat16*>(y)[i] = from_float<__nv_bfloat16>(value); break;
      default: static_cast<float*>(y)[i] = value; break;
    }
  }
  /// Stores the one element whose sum this is. `i` is its place in y, `column` in bias.
  __device__ void finish(float sum, std::int64_t i, std::int64_t column) const {
    if (scale_x != nullptr) sum *= *scale_x * *scale_w;
    float value[1] = {bias == nullptr ? sum : sum + load(bias, column)};
    activate(activation, value, cap);
    store(i, residual == nullptr ? value[0] : value[0] + load(residual, i));
  }
};

}  // namespace assay
