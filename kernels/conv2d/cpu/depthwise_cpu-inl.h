// SPDX-License-Identifier: Apache-2.0
// A row of a depthwise convolution, with vectors along the channels, x read as it lies; compiled once for
// each vector extension.
#if defined(ASSAY_KERNELS_CONV2D_DEPTHWISE_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_KERNELS_CONV2D_DEPTHWISE_CPU_INL_H_
#undef ASSAY_KERNELS_CONV2D_DEPTHWISE_CPU_INL_H_
#else
#define ASSAY_KERNELS_CONV2D_DEPTHWISE_CPU_INL_H_
#endif

#include "kernels/conv2d/cpu/tile_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// `packed`: [r, s, channel].
template <Activation kind, typename T>
void convolve_row_depthwise(const DirectConv& conv, const float* packed, Buffers in, Buffers out,
                            std::int64_t picture, std::int64_t row) {
  const auto& p = conv.p;
  const std::int64_t c_end = p.channels, row_of_x = p.width * p.channels;
  const DirectConv::Range rows = conv.rows_on_x(row);
  const T* const x = in[0].as<const T>().data() + picture * p.height * row_of_x;
  const T* const bias = in[2].as<const T>().data();
  const T* const residual = p.residual == Residual::none ? nullptr : in[3].as<const T>().data();
  T* const y = out[0].as<T>().data();
  const std::int64_t first_pixel = (picture * conv.rows + row) * conv.out_w;
  const std::int64_t tap_floats = round_up(c_end, kStep), step = p.dilation * p.channels;
  constexpr std::int64_t kTogether = 4;  // pixels that share a weight, where no tap of theirs is beside x

  const auto pixels = [&]<std::int64_t n>(std::int64_t q, DirectConv::Range columns) {
    const std::int64_t h = row * p.stride_h - p.pad.top, w = q * p.stride_w - p.pad.left;
    for (std::int64_t c = 0; c < c_end; c += kStep) {
      Pair sums[n];
      HWY_UNROLL(4)
      for (std::int64_t i = 0; i < n; ++i) sums[i] = {set(0), set(0)};
      for (std::int64_t r = rows.begin; r < rows.end; ++r)
        for (std::int64_t s = columns.begin; s < columns.end; ++s) {
          const Pair weight = load_pair(packed + (r * p.kernel_w + s) * tap_floats + c);
          const T* const at = x + (h + r * p.dilation) * row_of_x + w * p.channels + s * step + c;
          HWY_UNROLL(4)
          for (std::int64_t i = 0; i < n; ++i) {
            const Pair v = load_filters(at + i * p.stride_w * p.channels, c_end - c);
            sums[i] = {hn::MulAdd(v.a, weight.a, sums[i].a), hn::MulAdd(v.b, weight.b, sums[i].b)};
          }
        }
      HWY_UNROLL(4)
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t at = (first_pixel + q + i) * p.filters + c;
        finish_filters<kind, T>(p.residual, sums[i], bias + c, residual == nullptr ? nullptr : residual + at,
                                y + at, c_end - c);
      }
    }
  };
  for (std::int64_t q = 0; q < conv.out_w;) {
    const DirectConv::Range here = conv.columns_on_x(q);
    const auto whole = [&](std::int64_t column) {
      const DirectConv::Range range = conv.columns_on_x(column);
      return range.begin == 0 && range.end == p.kernel_w;
    };
    if (q + kTogether <= conv.out_w && whole(q) && whole(q + kTogether - 1)) {
      pixels.template operator()<kTogether>(q, here);
      q += kTogether;
    } else {
      pixels.template operator()<1>(q, here);
      ++q;
    }
  }
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
