// SPDX-License-Identifier: Apache-2.0
// The activations in f32, as matmul's epilogues and the gated op apply them.
#pragma once

#include <cuda_runtime.h>

#include "kernels/matmul/matmul.h"

namespace assay {

__device__ inline float sigmoid(float x) {
  return 1 / (1 + expf(-x));
}

template <Activation kActivation>
__device__ inline float activated(float x, [[maybe_unused]] float cap = 0) {
  if constexpr (kActivation == Activation::relu) return fmaxf(x, 0.0f);
  if constexpr (kActivation == Activation::sigmoid) return sigmoid(x);
  if constexpr (kActivation == Activation::silu) return x * sigmoid(x);
  // x / 2 (1 + tanh z) = x sigmoid(2 z), z = sqrt(2 / pi) (x + 0.044715 x^3): no cancellation for x far below
  // 0.
  if constexpr (kActivation == Activation::gelu_tanh)
    return x * sigmoid(2 * 0.7978845608028654f * fmaf(0.044715f * x * x, x, x));
  if constexpr (kActivation == Activation::gelu_erf) return 0.5f * x * erfcf(x * -0.7071067811865476f);
  if constexpr (kActivation == Activation::softcap) return cap * tanhf(x / cap);
  return x;
}

/// Where the activation is known at run time: chosen once for N values.
template <int N>
__device__ inline void activate(Activation activation, float (&values)[N], float cap) {
  const auto all = [&](auto one) {
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = one(values[i]);
  };
  switch (activation) {
    case Activation::none: break;
    case Activation::relu: all([](float x) { return activated<Activation::relu>(x); }); break;
    case Activation::silu: all([](float x) { return activated<Activation::silu>(x); }); break;
    case Activation::sigmoid: all([](float x) { return activated<Activation::sigmoid>(x); }); break;
    case Activation::gelu_tanh: all([](float x) { return activated<Activation::gelu_tanh>(x); }); break;
    case Activation::gelu_erf: all([](float x) { return activated<Activation::gelu_erf>(x); }); break;
    case Activation::softcap: all([cap](float x) { return activated<Activation::softcap>(x, cap); }); break;
  }
}

}  // namespace assay
