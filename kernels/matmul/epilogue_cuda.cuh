// SPDX-License-Identifier: Apache-2.0
// What follows the sum of a matmul, in f32: activation(sum * scale + bias) + residual, stored as the op's
// `out`.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "kernels/matmul/matmul.h"

namespace assay {

__device__ inline float activated(Activation activation, float x, float cap) {
  switch (activation) {
    case Activation::none: return x;
    case Activation::relu: return fmaxf(x, 0.0f);
    case Activation::silu: return x / (1 + expf(-x));
    case Activation::gelu_tanh: {
      // x / 2 (1 + tanh z) = x / (1 + exp(-2 z)): no cancellation for x far below 0.
      const float z = 0.7978845608028654f * fmaf(0.044715f * x * x, x, x);
      return x / (1 + expf(-2 * z));
    }
    case Activation::gelu_erf: return 0.5f * x * erfcf(x * -0.7071067811865476f);
    case Activation::softcap: return cap * tanhf(x / cap);
  }
  return x;
}

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
  /// `i` is the element's place in y, `column` its place in bias.
  __device__ float apply(float sum, std::int64_t i, std::int64_t column) const {
    if (scale_x != nullptr) sum *= *scale_x * *scale_w;
    if (bias != nullptr) sum += load(bias, column);
    sum = activated(activation, sum, cap);
    return residual == nullptr ? sum : sum + load(residual, i);
  }
};

}  // namespace assay
