// SPDX-License-Identifier: Apache-2.0
// Vector helpers of the CPU kernels, compiled once for each vector extension: widening loads and rounding
// stores of every element type, exponentials, row reductions. Arithmetic is always f32.
//
// Elements travel in pairs of vectors. A pair holds kStep consecutive elements in the order that is cheapest
// for their type: bf16 in even and odd places, since one shift and one mask then widen 2 vectors with no
// shuffle; the others one after the other. load_pair() and store_pair() of a type are each other's inverse,
// and every kernel that mixes tensors of one type sees them in the same order.

// No #pragma once: included again for each target.
#if defined(ASSAY_KERNELS_SIMD_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_SIMD_CPU_INL_H_
#undef ASSAY_KERNELS_SIMD_CPU_INL_H_
#else
#define ASSAY_KERNELS_SIMD_CPU_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/dtype.h"
#include "kernels/elements_cpu.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using WordTag = hn::RebindToUnsigned<FloatTag>;
using IntTag = hn::RebindToSigned<FloatTag>;
using Floats = hn::Vec<FloatTag>;
constexpr FloatTag kF;
constexpr WordTag kW;
constexpr IntTag kI;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(FloatTag()));
constexpr std::int64_t kStep = 2 * kLanes;  // elements of a pair

struct Pair {
  Floats a, b;
};

HWY_INLINE Floats set(float value) {
  return hn::Set(kF, value);
}

// ---------------------------------------------------------------- loads

HWY_INLINE Pair load_pair(const float* p) {
  return {hn::LoadU(kF, p), hn::LoadU(kF, p + kLanes)};
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE Pair load_pair(const Bf16* p) {
  return {set(float_from_bf16(p[0].bits)), set(float_from_bf16(p[1].bits))};
}
#else
HWY_INLINE Pair load_pair(const Bf16* p) {
  const hn::Repartition<std::uint16_t, FloatTag> halves;
  const auto words = hn::BitCast(kW, hn::LoadU(halves, &p->bits));
  return {hn::BitCast(kF, hn::ShiftLeft<16>(words)),
          hn::BitCast(kF, hn::And(words, hn::Set(kW, 0xffff0000u)))};
}
#endif

// F16C comes with AVX2; "better" targets have lower values.
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE Floats load_half(const F16* p) {
  const hn::Rebind<hwy::float16_t, FloatTag> halves;
  const hn::Rebind<std::uint16_t, FloatTag> bits;
  return hn::PromoteTo(kF, hn::BitCast(halves, hn::LoadU(bits, &p->bits)));
}
#else
HWY_INLINE Floats load_half(const F16* p) {
  HWY_ALIGN float wide[kLanes];
  for (std::int64_t i = 0; i < kLanes; ++i) wide[i] = float_from_f16(p[i].bits);
  return hn::Load(kF, wide);
}
#endif
HWY_INLINE Pair load_pair(const F16* p) {
  return {load_half(p), load_half(p + kLanes)};
}

/// The first `count` elements, zeros after them.
template <typename T>
HWY_INLINE Pair load_pair(const T* p, std::int64_t count) {
  if (HWY_LIKELY(count >= kStep)) return load_pair(p);
  T part[kStep] = {};
  std::memcpy(part, p, static_cast<std::size_t>(count) * sizeof(T));
  return load_pair(part);
}

/// Where element i of a pair of T's lies in its two vectors.
template <typename T>
HWY_INLINE std::int64_t place_in_pair(std::int64_t i) {
  const bool alternate = std::is_same_v<T, Bf16> && HWY_TARGET != HWY_SCALAR;
  return alternate ? i / 2 + i % 2 * kLanes : i;
}

/// 1 where a pair of T's holds one of its first `count` elements, else 0.
template <typename T>
HWY_INLINE Pair pair_mask(std::int64_t count) {
  float mask[kStep] = {};
  for (std::int64_t i = 0; i < count && i < kStep; ++i) mask[place_in_pair<T>(i)] = 1;
  return load_pair(mask);
}

// ---------------------------------------------------------------- stores, to nearest even

HWY_INLINE void store_pair(float* p, const Pair& v) {
  hn::StoreU(v.a, kF, p);
  hn::StoreU(v.b, kF, p + kLanes);
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void store_pair(Bf16* p, const Pair& v) {
  p[0].bits = bf16_from_float(hn::GetLane(v.a));
  p[1].bits = bf16_from_float(hn::GetLane(v.b));
}
#else
/// bf16 bits in the upper half of each word, the lower half to be dropped. A NaN stays one.
HWY_INLINE hn::Vec<WordTag> round_bf16(Floats v) {
  const auto bits = hn::BitCast(kW, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(kW, 1));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(kW, 0x7fff)));
  const auto quiet = hn::Or(bits, hn::Set(kW, 0x00400000));
  return hn::IfThenElse(hn::RebindMask(kW, hn::Ne(v, v)), quiet, rounded);
}
HWY_INLINE void store_pair(Bf16* p, const Pair& v) {
  const hn::Repartition<std::uint16_t, FloatTag> halves;
  const auto even = hn::ShiftRight<16>(round_bf16(v.a));
  const auto odd = hn::And(round_bf16(v.b), hn::Set(kW, 0xffff0000u));
  hn::StoreU(hn::BitCast(halves, hn::Or(even, odd)), halves, &p->bits);
}
#endif

#if HWY_TARGET <= HWY_AVX2
HWY_INLINE void store_half(F16* p, Floats v) {
  const hn::Rebind<hwy::float16_t, FloatTag> halves;
  const hn::Rebind<std::uint16_t, FloatTag> bits;
  hn::StoreU(hn::BitCast(bits, hn::DemoteTo(halves, v)), bits, &p->bits);
}
#else
HWY_INLINE void store_half(F16* p, Floats v) {
  HWY_ALIGN float wide[kLanes];
  hn::Store(v, kF, wide);
  for (std::int64_t i = 0; i < kLanes; ++i) p[i].bits = f16_from_float(wide[i]);
}
#endif
HWY_INLINE void store_pair(F16* p, const Pair& v) {
  store_half(p, v.a);
  store_half(p + kLanes, v.b);
}

template <typename T>
HWY_INLINE void store_pair(T* p, const Pair& v, std::int64_t count) {
  if (HWY_LIKELY(count >= kStep)) return store_pair(p, v);
  T part[kStep];
  store_pair(part, v);
  std::memcpy(p, part, static_cast<std::size_t>(count) * sizeof(T));
}

// ---------------------------------------------------------------- arithmetic

HWY_INLINE float sum(Floats v) {
  return hn::GetLane(hn::SumOfLanes(kF, v));
}
HWY_INLINE float max(Floats v) {
  return hn::GetLane(hn::MaxOfLanes(kF, v));
}

/// x rounded to a whole number n: `whole` is n, and the low bits of `shifted` are n as an integer. Adding 1.5
/// * 2^23 leaves no room for a fraction; cheaper than a conversion that has to mind overflow. |x| < 2^22.
struct Rounded {
  Floats whole, shifted;
};
HWY_INLINE Rounded round_small(Floats x) {
  const Floats shift = set(12582912.0f);
  const Floats shifted = hn::Add(x, shift);
  return {hn::Sub(shifted, shift), shifted};
}
/// value * 2^n; the shift drops all bits but those of n.
HWY_INLINE Floats scale_by_power(Floats value, const Rounded& n) {
  return hn::BitCast(kF, hn::Add(hn::BitCast(kI, value), hn::ShiftLeft<23>(hn::BitCast(kI, n.shifted))));
}

/// 2^x for x <= 0; 0 below 2^-126, where softmax weights no longer count. Error under 2 ulp: a degree-6
/// minimax fit of 2^f on [-1/2, 1/2], relative error 2e-9 before rounding.
HWY_INLINE Floats exp2_nonpositive(Floats x) {
  const Floats clamped = hn::Max(x, set(-126.0f));
  const Rounded n = round_small(clamped);
  const Floats f = hn::Sub(clamped, n.whole);
  Floats p = set(0.00015353362f);
  p = hn::MulAdd(p, f, set(0.0013398875f));
  p = hn::MulAdd(p, f, set(0.0096184369f));
  p = hn::MulAdd(p, f, set(0.055503324f));
  p = hn::MulAdd(p, f, set(0.24022648f));
  p = hn::MulAdd(p, f, set(0.69314718f));
  p = hn::MulAdd(p, f, set(1.0f));
  return hn::IfThenElseZero(hn::Gt(x, set(-126.0f)), scale_by_power(p, n));
}

/// e^x, x clamped to [-87, 88]; ln 2 in two parts, then a degree-6 minimax fit on [-0.35, 0.35] (3e-9).
HWY_INLINE Floats exponential(Floats x) {
  const Floats clamped = hn::Min(hn::Max(x, set(-87.0f)), set(88.0f));
  const Rounded n = round_small(hn::Mul(clamped, set(1.44269504f)));
  Floats r = hn::NegMulAdd(n.whole, set(0.693145752f), clamped);  // 17 bits of ln 2: n times it is exact
  r = hn::NegMulAdd(n.whole, set(1.42860677e-6f), r);
  Floats p = set(0.0013813161f);
  p = hn::MulAdd(p, r, set(0.0083694104f));
  p = hn::MulAdd(p, r, set(0.041668456f));
  p = hn::MulAdd(p, r, set(0.16666515f));
  p = hn::MulAdd(p, r, set(0.49999994f));
  p = hn::MulAdd(p, r, set(1.0f));
  p = hn::MulAdd(p, r, set(1.0f));
  return scale_by_power(p, n);
}

/// 1 / (1 + e^-x)
HWY_INLINE Floats sigmoid(Floats x) {
  return hn::Div(set(1.0f), hn::Add(set(1.0f), exponential(hn::Neg(x))));
}

/// erfc(z) for z >= 0 as e^(-z P(z)): P is a degree-8 fit of -ln(erfc z) / z on [0, 4.2], absolute error of
/// erfc under 1e-7; beyond that erfc is below 3e-9 and z stands still.
HWY_INLINE Floats erfc_nonnegative(Floats z) {
  const Floats x = hn::Min(z, set(4.2f));
  Floats p = set(-6.6068110e-6f);
  p = hn::MulAdd(p, x, set(9.1571012e-5f));
  p = hn::MulAdd(p, x, set(-5.2879390e-4f));
  p = hn::MulAdd(p, x, set(1.4494740e-3f));
  p = hn::MulAdd(p, x, set(9.6521515e-5f));
  p = hn::MulAdd(p, x, set(-0.019325020f));
  p = hn::MulAdd(p, x, set(0.10283966f));
  p = hn::MulAdd(p, x, set(0.63660896f));
  p = hn::MulAdd(p, x, set(1.1283797f));
  return exponential(hn::Neg(hn::Mul(x, p)));
}

/// tanh, right in relative terms near 0 too: x - x^3 / 3 + ... up to 1/4, beyond it from the exponential.
HWY_INLINE Floats hyperbolic_tangent(Floats x) {
  const Floats magnitude = hn::Abs(x);
  const Floats e = exponential(hn::Mul(set(-2.0f), magnitude));
  const Floats large = hn::Div(hn::Sub(set(1.0f), e), hn::Add(set(1.0f), e));
  const Floats s = hn::Mul(x, x);
  Floats p = set(62.0f / 2835);
  p = hn::MulAdd(p, s, set(-17.0f / 315));
  p = hn::MulAdd(p, s, set(2.0f / 15));
  p = hn::MulAdd(p, s, set(-1.0f / 3));
  const Floats small = hn::MulAdd(hn::Mul(p, s), magnitude, magnitude);
  return hn::CopySignToAbs(hn::IfThenElse(hn::Lt(magnitude, set(0.25f)), small, large), x);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
