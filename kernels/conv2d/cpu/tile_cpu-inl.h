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

// So many pixels, or fewer, take two blocks of filters at once: one alone would leave the units that multiply
// and add waiting for its sums.
constexpr std::int64_t kNarrow = 3;

/// What one tile reads: rows of x from the first tap of its first pixel on, and a block of weights
/// [r, s, run, kStep].
struct TileInput {
  const float* x;
  const float* w;
  std::int64_t pixel_stride, row_stride,
      tap_stride;  // floats of x: to the next pixel, kernel row, kernel column
  std::int64_t columns, run;
  std::int64_t block_stride;  // floats of w: to the next block
  DirectConv::Range rows;
  DirectConv::Range part;  // of each run
};

/// sums[block][n, kStep] of n neighbouring pixels, added up or begun; `sum_stride` floats to the next
/// block's.
template <std::int64_t n, std::int64_t blocks>
HWY_NOINLINE void sum_tile(const TileInput& in, bool begin, float* HWY_RESTRICT sums,
                           std::int64_t sum_stride) {
  Floats low[blocks][n], high[blocks][n];
  HWY_UNROLL(2)
  for (std::int64_t b = 0; b < blocks; ++b) {
    HWY_UNROLL(12)
    for (std::int64_t i = 0; i < n; ++i) {
      const float* const at = sums + b * sum_stride + i * kStep;
      low[b][i] = begin ? hn::Zero(kF) : hn::LoadU(kF, at);
      high[b][i] = begin ? hn::Zero(kF) : hn::LoadU(kF, at + kLanes);
    }
  }
  const std::int64_t count = in.part.end - in.part.begin;
  for (std::int64_t r = in.rows.begin; r < in.rows.end; ++r) {
    for (std::int64_t s = 0; s < in.columns; ++s) {
      const float* HWY_RESTRICT x = in.x + r * in.row_stride + s * in.tap_stride + in.part.begin;
      const float* HWY_RESTRICT w = in.w + ((r * in.columns + s) * in.run + in.part.begin) * kStep;
      for (std::int64_t c = 0; c < count; ++c, ++x, w += kStep) {
        Floats a[blocks], b[blocks];
        HWY_UNROLL(2)
        for (std::int64_t k = 0; k < blocks; ++k) {
          a[k] = hn::LoadU(kF, w + k * in.block_stride);
          b[k] = hn::LoadU(kF, w + k * in.block_stride + kLanes);
        }
        HWY_UNROLL(12)
        for (std::int64_t i = 0; i < n; ++i) {
          const Floats pixel = set(x[i * in.pixel_stride]);
          HWY_UNROLL(2)
          for (std::int64_t k = 0; k < blocks; ++k) {
            low[k][i] = hn::MulAdd(pixel, a[k], low[k][i]);
            high[k][i] = hn::MulAdd(pixel, b[k], high[k][i]);
          }
        }
      }
    }
  }
  HWY_UNROLL(2)
  for (std::int64_t b = 0; b < blocks; ++b) {
    HWY_UNROLL(12)
    for (std::int64_t i = 0; i < n; ++i) {
      hn::StoreU(low[b][i], kF, sums + b * sum_stride + i * kStep);
      hn::StoreU(high[b][i], kF, sums + b * sum_stride + i * kStep + kLanes);
    }
  }
}

/// Of `blocks` blocks, 1 or 2.
template <std::int64_t n = kPixels>
HWY_INLINE void sum_pixels(std::int64_t pixels, std::int64_t blocks, TileInput in, bool begin, float* sums,
                           std::int64_t sum_stride) {
  if constexpr (n > 0) {
    if (pixels != n) return sum_pixels<n - 1>(pixels, blocks, in, begin, sums, sum_stride);
    if constexpr (n <= kNarrow)
      if (blocks == 2) return sum_tile<n, 2>(in, begin, sums, sum_stride);
    sum_tile<n, 1>(in, begin, sums, sum_stride);
    if (blocks == 1) return;
    in.w += in.block_stride;
    sum_tile<n, 1>(in, begin, sums + sum_stride, sum_stride);
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
HWY_INLINE void finish_filters(Residual place, Pair v, const T* bias, const T* residual, T* y,
                               std::int64_t left) {
  const Floats cap = set(0);  // softcap's, which no convolution has
  const Pair b = load_filters(bias, left);
  v = {hn::Add(v.a, b.a), hn::Add(v.b, b.b)};
  const Pair r = residual == nullptr ? Pair{set(0), set(0)} : load_filters(residual, left);
  if (place == Residual::before_activation) v = {hn::Add(v.a, r.a), hn::Add(v.b, r.b)};
  v = {activated<kind>(v.a, cap), activated<kind>(v.b, cap)};
  if (place == Residual::after_activation) v = {hn::Add(v.a, r.a), hn::Add(v.b, r.b)};
  store_filters(y, v, left);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
