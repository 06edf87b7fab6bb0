// SPDX-License-Identifier: Apache-2.0
// The inner loops of the direct convolution: sums of a few pixels times a pair of vectors of filters, and
// what comes after them; compiled once for each vector extension.
#if defined(ASSAY_KERNELS_CONV2D_TILE_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_CONV2D_TILE_CPU_INL_H_
#undef ASSAY_KERNELS_CONV2D_TILE_CPU_INL_H_
#else
#define ASSAY_KERNELS_CONV2D_TILE_CPU_INL_H_
#endif

#include <type_traits>

#include "kernels/conv2d/cpu/direct_cpu.h"
#include "kernels/matmul/cpu/activation_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// Accumulators are pixels x 2 vectors: 24 of 32 registers, or 12 of 16.
constexpr std::int64_t kPixels = HWY_TARGET == HWY_AVX3 ? 12 : 6;
static_assert(kPixels <= DirectConv::kMostPixels && kStep <= DirectConv::kWidest);

/// What one tile reads: widened rows of x from the first tap of its first pixel on, and a block of weights
/// [r, s, c, kStep].
struct TileInput {
  const float* x;
  const float* w;
  std::int64_t pixel_stride, row_stride,
      tap_stride;  // floats of x: to the next pixel, kernel row, kernel column
  DirectConv::Range rows;
  std::int64_t columns, channels;
};

/// sums[n, kStep] of n neighbouring pixels.
template <std::int64_t n>
HWY_NOINLINE void sum_tile(const TileInput& in, float* HWY_RESTRICT sums) {
  Floats low[n], high[n];
  HWY_UNROLL(12)
  for (std::int64_t i = 0; i < n; ++i) low[i] = high[i] = hn::Zero(kF);
  for (std::int64_t r = in.rows.begin; r < in.rows.end; ++r) {
    for (std::int64_t s = 0; s < in.columns; ++s) {
      const float* HWY_RESTRICT x = in.x + r * in.row_stride + s * in.tap_stride;
      const float* HWY_RESTRICT w = in.w + (r * in.columns + s) * in.channels * kStep;
      for (std::int64_t c = 0; c < in.channels; ++c, ++x, w += kStep) {
        const Floats a = hn::LoadU(kF, w), b = hn::LoadU(kF, w + kLanes);
        HWY_UNROLL(12)
        for (std::int64_t i = 0; i < n; ++i) {
          const Floats pixel = set(x[i * in.pixel_stride]);
          low[i] = hn::MulAdd(pixel, a, low[i]);
          high[i] = hn::MulAdd(pixel, b, high[i]);
        }
      }
    }
  }
  HWY_UNROLL(12)
  for (std::int64_t i = 0; i < n; ++i) {
    hn::StoreU(low[i], kF, sums + i * kStep);
    hn::StoreU(high[i], kF, sums + i * kStep + kLanes);
  }
}

template <std::int64_t n = kPixels>
HWY_INLINE void sum_pixels(std::int64_t pixels, const TileInput& in, float* sums) {
  if constexpr (n > 0) {
    if (pixels == n) return sum_tile<n>(in, sums);
    return sum_pixels<n - 1>(pixels, in, sums);
  }
}

// The first layers of small networks have as many channels as one vector: no tail to copy about.
template <typename T>
constexpr bool kHalves = !std::is_same_v<T, Bf16> && HWY_TARGET != HWY_SCALAR;

HWY_INLINE Floats load_vector(const float* p) {
  return hn::LoadU(kF, p);
}
HWY_INLINE Floats load_vector(const F16* p) {
  return load_half(p);
}
HWY_INLINE void store_vector(float* p, Floats v) {
  hn::StoreU(v, kF, p);
}
HWY_INLINE void store_vector(F16* p, Floats v) {
  store_half(p, v);
}
template <typename T>
HWY_INLINE Pair load_filters(const T* p, std::int64_t count) {
  if constexpr (kHalves<T>)
    if (count == kLanes) return {load_vector(p), set(0)};
  return load_pair(p, count);
}
template <typename T>
HWY_INLINE void store_filters(T* p, const Pair& v, std::int64_t count) {
  if constexpr (kHalves<T>)
    if (count == kLanes) return store_vector(p, v.a);
  store_pair(p, v, count);
}

/// Stores filters [k, k + kStep) of one pixel, of which `left` exist, from their sums in the order of a pair
/// of T.
template <Activation kind, typename T>
HWY_INLINE void finish_filters(const DirectConv& conv, Pair v, const T* bias, const T* residual, T* y,
                               std::int64_t left) {
  const Floats cap = set(0);  // softcap's, which no convolution has
  const Pair b = load_filters(bias, left);
  v = {hn::Add(v.a, b.a), hn::Add(v.b, b.b)};
  const Pair r = residual == nullptr ? Pair{set(0), set(0)} : load_filters(residual, left);
  if (conv.p.residual == Residual::before_activation) v = {hn::Add(v.a, r.a), hn::Add(v.b, r.b)};
  v = {activated<kind>(v.a, cap), activated<kind>(v.b, cap)};
  if (conv.p.residual == Residual::after_activation) v = {hn::Add(v.a, r.a), hn::Add(v.b, r.b)};
  store_filters(y, v, left);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
