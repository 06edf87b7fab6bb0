// SPDX-License-Identifier: Apache-2.0
// The activations in vectors of f32, as matmul's epilogues and the gated op apply them; compiled once for
// each vector extension.
#if defined(ASSAY_KERNELS_MATMUL_ACTIVATION_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_MATMUL_ACTIVATION_CPU_INL_H_
#undef ASSAY_KERNELS_MATMUL_ACTIVATION_CPU_INL_H_
#else
#define ASSAY_KERNELS_MATMUL_ACTIVATION_CPU_INL_H_
#endif

#include "kernels/matmul/matmul.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// `cap` is softcap's.
template <Activation kind>
HWY_INLINE Floats activated(Floats x, Floats cap) {
  if constexpr (kind == Activation::relu) return hn::Max(x, set(0));
  if constexpr (kind == Activation::sigmoid) return sigmoid(x);
  if constexpr (kind == Activation::silu) return hn::Mul(x, sigmoid(x));
  if constexpr (kind == Activation::gelu_tanh) {
    // (1 + tanh u) / 2 = sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3)
    const Floats cubic = hn::MulAdd(hn::Mul(hn::Mul(x, x), set(0.044715f)), x, x);
    return hn::Mul(x, sigmoid(hn::Mul(cubic, set(1.59576912f))));
  }
  if constexpr (kind == Activation::gelu_erf) {
    // x Phi(x), Phi from erfc of |x|, so that the negative tail is no difference of near-equal numbers
    const Floats tail = hn::Mul(set(0.5f), erfc_nonnegative(hn::Mul(hn::Abs(x), set(0.707106781f))));
    return hn::Mul(x, hn::IfThenElse(hn::Lt(x, set(0)), tail, hn::Sub(set(1.0f), tail)));
  }
  if constexpr (kind == Activation::softcap) return hn::Mul(cap, hyperbolic_tangent(hn::Div(x, cap)));
  return x;
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
