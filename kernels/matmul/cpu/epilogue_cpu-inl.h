// SPDX-License-Identifier: Apache-2.0
// Applies a MatMulEpilogue to finished sums, in vectors; compiled once for each vector extension.
#if defined(ASSAY_KERNELS_MATMUL_EPILOGUE_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_MATMUL_EPILOGUE_CPU_INL_H_
#undef ASSAY_KERNELS_MATMUL_EPILOGUE_CPU_INL_H_
#else
#define ASSAY_KERNELS_MATMUL_EPILOGUE_CPU_INL_H_
#endif

#include "kernels/matmul/cpu/activation_cpu-inl.h"
#include "kernels/matmul/cpu/epilogue_cpu.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// Sums lie in natural order; a pair of T's may not (see simd_cpu-inl.h).
template <typename T>
HWY_INLINE Pair load_sums(const float* p) {
  const Pair natural = load_pair(p);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (std::is_same_v<T, Bf16>)
    return {hn::ConcatEven(kF, natural.b, natural.a), hn::ConcatOdd(kF, natural.b, natural.a)};
#endif
  return natural;
}

template <Activation kind, typename T>
void finish_row(const MatMulEpilogue& e, std::int64_t row, std::int64_t col, std::int64_t count,
                const float* sums) {
  const T* const bias = static_cast<const T*>(e.bias);
  const T* const residual = static_cast<const T*>(e.residual);
  const std::int64_t base = row * e.cols + col;
  const Floats cap = set(e.cap);
  for (std::int64_t c = 0; c < count; c += kStep) {
    const std::int64_t left = count - c;
    Pair v = load_sums<T>(sums + c);
    if (bias != nullptr) {
      const Pair b = load_pair(bias + col + c, left);
      v = {hn::Add(v.a, b.a), hn::Add(v.b, b.b)};
    }
    v = {activated<kind>(v.a, cap), activated<kind>(v.b, cap)};
    if (residual != nullptr) {
      const Pair r = load_pair(residual + base + c, left);
      v = {hn::Add(v.a, r.a), hn::Add(v.b, r.b)};
    }
    store_pair(static_cast<T*>(e.y) + base + c, v, left);
  }
}

/// y[row, col .. col + count) from its sums; `sums` is readable up to a multiple of kStep.
inline void finish_row(const MatMulEpilogue& e, std::int64_t row, std::int64_t col, std::int64_t count,
                       const float* sums) {
  with_element(e.type, [&](auto element) {
    using T = decltype(element);
    switch (e.activation) {
      case Activation::none: return finish_row<Activation::none, T>(e, row, col, count, sums);
      case Activation::relu: return finish_row<Activation::relu, T>(e, row, col, count, sums);
      case Activation::silu: return finish_row<Activation::silu, T>(e, row, col, count, sums);
      case Activation::gelu_tanh: return finish_row<Activation::gelu_tanh, T>(e, row, col, count, sums);
      case Activation::gelu_erf: return finish_row<Activation::gelu_erf, T>(e, row, col, count, sums);
      case Activation::softcap: return finish_row<Activation::softcap, T>(e, row, col, count, sums);
      case Activation::sigmoid: return finish_row<Activation::sigmoid, T>(e, row, col, count, sums);
    }
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
