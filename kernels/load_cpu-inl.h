// SPDX-License-Identifier: Apache-2.0
// One vector of elements in their order, widened: where tensors of different types meet, or an element's
// place matters, pairs (simd_cpu-inl.h) do not do. Compiled once for each vector extension.
#if defined(ASSAY_KERNELS_LOAD_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_LOAD_CPU_INL_H_
#undef ASSAY_KERNELS_LOAD_CPU_INL_H_
#else
#define ASSAY_KERNELS_LOAD_CPU_INL_H_
#endif

#include <cstring>

#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

HWY_INLINE Floats load_in_order(const float* p) {
  return hn::LoadU(kF, p);
}
HWY_INLINE Floats load_in_order(const Bf16* p) {
  const hn::Rebind<std::uint16_t, FloatTag> halves;
  return hn::BitCast(kF, hn::ShiftLeft<16>(hn::PromoteTo(kW, hn::LoadU(halves, &p->bits))));
}
HWY_INLINE Floats load_in_order(const F16* p) {
  return load_half(p);
}
HWY_INLINE Floats load_in_order(const std::uint8_t* p) {
  const hn::Rebind<std::uint8_t, FloatTag> bytes;
  return hn::ConvertTo(kF, hn::PromoteTo(kI, hn::LoadU(bytes, p)));
}
/// The first `count` elements, zeros after them.
template <typename T>
HWY_INLINE Floats load_in_order(const T* p, std::int64_t count) {
  if (HWY_LIKELY(count >= kLanes)) return load_in_order(p);
  T part[kLanes] = {};
  std::memcpy(part, p, static_cast<std::size_t>(count) * sizeof(T));
  return load_in_order(part);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
