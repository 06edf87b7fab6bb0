// SPDX-License-Identifier: Apache-2.0
// The transforms of F(4x4, 3x3), a vector of channels or filters at a time; compiled once for each vector
// extension.
#if defined(ASSAY_KERNELS_CONV2D_WINOGRAD_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_CONV2D_WINOGRAD_CPU_INL_H_
#undef ASSAY_KERNELS_CONV2D_WINOGRAD_CPU_INL_H_
#else
#define ASSAY_KERNELS_CONV2D_WINOGRAD_CPU_INL_H_
#endif

#include <algorithm>

#include "kernels/conv2d/cpu/tile_cpu-inl.h"
#include "kernels/conv2d/cpu/winograd_cpu.h"
#include "kernels/load_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

constexpr std::int64_t kIn = WinogradConv::kIn, kOut = WinogradConv::kOut, kPoints = WinogradConv::kPoints;

/// Along one direction: six pixels, `stride` vectors apart, become their values at the six points.
HWY_INLINE void pixels_to_points(const Floats* d, std::int64_t stride, Floats* to, std::int64_t to_stride) {
  constexpr float a = WinogradConv::kA, b = WinogradConv::kB;
  const Floats d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride],
               d5 = d[5 * stride];
  const Floats even_a = hn::NegMulAdd(set(b * b), d2, d4), even_b = hn::NegMulAdd(set(a * a), d2, d4);
  const Floats odd_a = hn::Mul(set(a), hn::NegMulAdd(set(b * b), d1, d3));
  const Floats odd_b = hn::Mul(set(b), hn::NegMulAdd(set(a * a), d1, d3));
  const Floats product = set(a * a * b * b), sum = set(a * a + b * b);
  to[0] = hn::MulAdd(product, d0, hn::NegMulAdd(sum, d2, d4));
  to[to_stride] = hn::Add(even_a, odd_a);
  to[2 * to_stride] = hn::Sub(even_a, odd_a);
  to[3 * to_stride] = hn::Add(even_b, odd_b);
  to[4 * to_stride] = hn::Sub(even_b, odd_b);
  to[5 * to_stride] = hn::MulAdd(product, d1, hn::NegMulAdd(sum, d3, d5));
}

/// Along one direction: products at the six points become four outputs.
HWY_INLINE void points_to_outputs(const Floats* m, std::int64_t stride, Floats* to, std::int64_t to_stride) {
  constexpr float a = WinogradConv::kA, b = WinogradConv::kB;
  const Floats m1 = m[stride], m2 = m[2 * stride], m3 = m[3 * stride], m4 = m[4 * stride];
  const Floats even_a = hn::Add(m1, m2), odd_a = hn::Sub(m1, m2);
  const Floats even_b = hn::Add(m3, m4), odd_b = hn::Sub(m3, m4);
  to[0] = hn::Add(m[0], hn::Add(even_a, even_b));
  to[to_stride] = hn::MulAdd(set(b), odd_b, hn::Mul(set(a), odd_a));
  to[2 * to_stride] = hn::MulAdd(set(b * b), even_b, hn::Mul(set(a * a), even_a));
  to[3 * to_stride] = hn::MulAdd(set(b * b * b), odd_b, hn::MulAdd(set(a * a * a), odd_a, m[5 * stride]));
}

/// to[point, tile, channel]; `zeros` is a pixel of them.
template <typename T>
void transform_pixels(const WinogradConv& conv, const T* x, const T* zeros, std::int64_t first,
                      std::int64_t count, float* to) {
  const auto& p = conv.p;
  const std::int64_t point_stride = conv.pixel_stride(count);
  for (std::int64_t t = 0; t < count; ++t) {
    const WinogradConv::Tile tile = conv.tile(first + t);
    const std::int64_t top = tile.row - p.pad.top, left = tile.column - p.pad.left;
    const T* const picture = x + tile.picture * p.height * p.width * p.channels;
    const T* pixels[kPoints];
    for (std::int64_t i = 0; i < kPoints; ++i) {
      const std::int64_t h = top + i / kIn, w = left + i % kIn;
      const bool inside = h >= 0 && h < p.height && w >= 0 && w < p.width;
      pixels[i] = inside ? picture + (h * p.width + w) * p.channels : zeros;
    }
    float* const of_tile = to + t * conv.channel_stride;
    for (std::int64_t c = 0; c < p.channels; c += kLanes) {
      Floats columns[kPoints];
      HWY_UNROLL(6)
      for (std::int64_t j = 0; j < kIn; ++j) {
        Floats d[kIn];
        HWY_UNROLL(6)
        for (std::int64_t i = 0; i < kIn; ++i) d[i] = load_in_order(pixels[i * kIn + j] + c, p.channels - c);
        pixels_to_points(d, 1, columns + j, kIn);
      }
      HWY_UNROLL(6)
      for (std::int64_t i = 0; i < kIn; ++i) {
        Floats points[kIn];
        pixels_to_points(columns + i * kIn, 1, points, 1);
        HWY_UNROLL(6)
        for (std::int64_t j = 0; j < kIn; ++j)
          hn::StoreU(points[j], kF, of_tile + (i * kIn + j) * point_stride + c);
      }
    }
  }
}

/// Outputs of a block's filters, `left` of which exist.
template <Activation kind, typename T>
void finish_tile(const WinogradConv& conv, const float* products, std::int64_t point_stride,
                 const WinogradConv::Tile& tile, const T* bias, const T* residual, T* y, std::int64_t left) {
  Floats outputs[2][kOut * kOut];
  for (std::int64_t half = 0; half < 2; ++half) {
    const float* const at = products + half * kLanes;
    Floats columns[kOut * kIn];
    HWY_UNROLL(6)
    for (std::int64_t j = 0; j < kIn; ++j) {
      Floats m[kIn];
      HWY_UNROLL(6)
      for (std::int64_t i = 0; i < kIn; ++i) m[i] = hn::LoadU(kF, at + (i * kIn + j) * point_stride);
      points_to_outputs(m, 1, columns + j, kIn);
    }
    HWY_UNROLL(4)
    for (std::int64_t i = 0; i < kOut; ++i)
      points_to_outputs(columns + i * kIn, 1, outputs[half] + i * kOut, 1);
  }
  const std::int64_t rows = std::min(kOut, conv.out_h - tile.row),
                     columns = std::min(kOut, conv.out_w - tile.column);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const std::int64_t pixel = (tile.picture * conv.out_h + tile.row + i) * conv.out_w + tile.column + j;
      const std::int64_t at = pixel * conv.p.filters;
      finish_filters<kind, T>(conv.p.residual, {outputs[0][i * kOut + j], outputs[1][i * kOut + j]}, bias,
                              residual == nullptr ? nullptr : residual + at, y + at, left);
    }
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
