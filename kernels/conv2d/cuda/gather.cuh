// SPDX-License-Identifier: Apache-2.0
// A convolution as a matrix product whose left side is gathered on the way (implicit GEMM): rows are output
// pixels, columns filters, and what is summed over are taps (r, s, c), in the order in which weights lie.
#pragma once

#include <cstdint>

#include "device/cuda/convert.cuh"
#include "device/cuda/tensor_tile.cuh"
#include "kernels/conv2d/conv2d.h"
#include "plan/kernel.h"

namespace assay {

struct ConvShape {
  explicit ConvShape(const Conv2d& op)
      : pixels(op.p.batch * op.out_height() * op.out_width()),
        taps(op.p.kernel_h * op.p.kernel_w * op.group_channels()),
        height(op.p.height),
        width(op.p.width),
        channels(op.p.channels),
        filters(op.p.filters),
        out_h(op.out_height()),
        out_w(op.out_width()),
        group_c(static_cast<int>(op.group_channels())),
        group_k(static_cast<int>(op.group_filters())),
        groups(static_cast<int>(op.p.groups)),
        kernel_h(static_cast<int>(op.p.kernel_h)),
        kernel_w(static_cast<int>(op.p.kernel_w)),
        stride_h(static_cast<int>(op.p.stride_h)),
        stride_w(static_cast<int>(op.p.stride_w)),
        top(static_cast<int>(op.p.pad.top)),
        left(static_cast<int>(op.p.pad.left)),
        dilation(static_cast<int>(op.p.dilation)) {}

  std::int64_t pixels;  // of the output, in all pictures
  std::int64_t taps;    // r * s * c of a group
  std::int64_t height, width, channels, filters, out_h, out_w;
  int group_c, group_k, groups, kernel_h, kernel_w, stride_h, stride_w, top, left, dilation;
};

/// Buffers of a convolution of T's, and what follows its sums.
template <typename T>
struct ConvArgs {
  ConvArgs(const Conv2d& op, Buffers in, Buffers out)
      : x(static_cast<const T*>(in[0].data)),
        w(static_cast<const T*>(in[1].data)),
        bias(static_cast<const T*>(in[2].data)),
        residual(op.p.residual == Residual::none ? nullptr : static_cast<const T*>(in[3].data)),
        y(static_cast<T*>(out[0].data)),
        residual_first(op.p.residual == Residual::before_activation),
        activation(op.p.activation) {}

  const T* x;         // [N, H, W, C]
  const T* w;         // [K, R, S, C / groups]
  const T* bias;      // [K]
  const T* residual;  // [N, P, Q, K] or null
  T* y;               // [N, P, Q, K]
  bool residual_first;
  Activation activation;
};

/// The first tap of an output pixel in x; (h, w) may lie outside of it. Null where there is no such pixel.
template <typename T>
struct PixelOrigin {
  const T* picture;  // its first channel of the group
  std::int64_t h, w;

  __device__ static PixelOrigin of(const T* x, const ConvShape& shape, std::int64_t pixel, int group) {
    if (pixel >= shape.pixels) return {nullptr, 0, 0};
    const std::int64_t row = pixel / shape.out_w, q = pixel % shape.out_w;
    const std::int64_t n = row / shape.out_h, p = row % shape.out_h;
    return {x + n * shape.height * shape.width * shape.channels + std::int64_t{group} * shape.group_c,
            p * shape.stride_h - shape.top, q * shape.stride_w - shape.left};
  }
};

/// A tap, walked along in the order of the weights.
struct TapPlace {
  int r = 0, s = 0, c = 0;

  __device__ void advance(int by, const ConvShape& shape) {
    c += by;
    while (c >= shape.group_c) {
      c -= shape.group_c;
      if (++s == shape.kernel_w) {
        s = 0;
        ++r;
      }
    }
  }
};

/// Where the tap of a pixel lies, or null where that is padding, past the last tap, or of no pixel.
template <typename T>
__device__ inline const T* tap_of(const PixelOrigin<T>& from, const TapPlace& tap, const ConvShape& shape) {
  if (from.picture == nullptr || tap.r >= shape.kernel_h) return nullptr;
  const std::int64_t h = from.h + tap.r * shape.dilation, w = from.w + tap.s * shape.dilation;
  if (h < 0 || h >= shape.height || w < 0 || w >= shape.width) return nullptr;
  return from.picture + (h * shape.width + w) * shape.channels + tap.c;
}

/// Sixteen bytes of neighbouring taps of a pixel into shared memory. `kWhole`: group_c is a multiple of as
/// many elements, so that they lie together; they then arrive once copies are waited for.
template <bool kWhole, typename T>
__device__ inline void gather_taps(T* to, const PixelOrigin<T>& from, TapPlace tap, const ConvShape& shape,
                                   const T* any_valid) {
  if constexpr (kWhole) {
    const T* at = tap_of(from, tap, shape);
    copy_16_async(to, at != nullptr ? at : any_valid, at != nullptr);
  } else {
    Vec<T, kVec16<T>> taps;
#pragma unroll
    for (int i = 0; i < kVec16<T>; ++i) {
      const T* at = tap_of(from, tap, shape);
      taps.at[i] = at != nullptr ? *at : from_float<T>(0);
      tap.advance(1, shape);
    }
    taps.store(to);
  }
}

/// The same of weights: taps [first, first + 16 bytes) of `filter` of a group.
template <bool kWhole, typename T>
__device__ inline void gather_weights(T* to, const T* w, std::int64_t filter, std::int64_t first,
                                      const ConvShape& shape) {
  const bool inside = filter < shape.group_k;
  const T* row = w + (inside ? filter : 0) * shape.taps;
  if constexpr (kWhole) {
    const bool valid = inside && first < shape.taps;
    copy_16_async(to, valid ? row + first : w, valid);
  } else {
    Vec<T, kVec16<T>> taps;
#pragma unroll
    for (int i = 0; i < kVec16<T>; ++i)
      taps.at[i] = inside && first + i < shape.taps ? row[first + i] : from_float<T>(0);
    taps.store(to);
  }
}

}  // namespace assay
