// SPDX-License-Identifier: Apache-2.0
// Direct convolution for every element type and vector extension: the rows of x that a row of output reads
// are widened into cache, padding and all, and tiles of pixels x filters are summed in registers. Weights are
// kept widened, in blocks of a pair of vectors of filters. Depthwise layers have vectors along the channels
// instead.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv2d/cpu/conv2d_cpu_direct.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/conv2d/cpu/depthwise_cpu-inl.h"
#include "kernels/conv2d/cpu/direct_cpu.h"
#include "kernels/conv2d/cpu/tile_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// ---------------------------------------------------------------- weights

/// Filters stand where a pair of T's has them, so that sums, bias, residual and y go together unshuffled:
/// [group, block, r, s, c, kStep], or [r, s, channel] where a filter has one channel of its own.
template <typename T>
void pack_weights(const DirectConv& conv, const T* w, float* to) {
  const std::int64_t taps = conv.taps(), blocks = round_up(conv.group_k, kStep) / kStep;
  for (std::int64_t k = 0; k < conv.p.filters; ++k) {
    const std::int64_t group = k / conv.group_k, in_group = k % conv.group_k;
    const auto at = [&](std::int64_t tap) {
      if (conv.depthwise)
        return tap * round_up(conv.p.channels, kStep) + k / kStep * kStep + place_in_pair<T>(k % kStep);
      const std::int64_t block = group * blocks + in_group / kStep;
      return (block * taps + tap) * kStep + place_in_pair<T>(in_group % kStep);
    };
    for (std::int64_t tap = 0; tap < taps; ++tap)
      to[at(tap)] = static_cast<float>(load_element(conv.p.type, w, k * taps + tap));
  }
}

void PackWeights(const DirectConv& conv, const void* w, float* to) {
  std::fill_n(to, conv.packed_floats(), 0.0f);
  with_element(conv.p.type,
               [&](auto element) { pack_weights(conv, static_cast<const decltype(element)*>(w), to); });
}

// ---------------------------------------------------------------- rows of x

HWY_INLINE void widen(const float* from, std::int64_t count, float* to) {
  std::copy_n(from, count, to);
}
HWY_INLINE void widen(const Bf16* from, std::int64_t count, float* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = float_from_bf16(from[i].bits);
}
HWY_INLINE void widen(const F16* from, std::int64_t count, float* to) {
  for (std::int64_t i = 0; i < count; i += kStep)
    store_pair(to + i, load_pair(from + i, count - i), count - i);
}

/// to[r, column, channel] of the rows that lie on x, zeros beside x.
template <typename T>
void widen_rows(const DirectConv& conv, const T* picture, std::int64_t row, DirectConv::Range rows,
                float* to) {
  const auto& p = conv.p;
  const std::int64_t left = std::min(p.pad.left, conv.row_pixels);
  const std::int64_t end = std::clamp<std::int64_t>(p.pad.left + p.width, left, conv.row_pixels);
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    const T* const from = picture + (row * p.stride_h - p.pad.top + r * p.dilation) * p.width * p.channels;
    float* const line = to + r * conv.row_pixels * p.channels;
    std::fill_n(line, left * p.channels, 0.0f);
    if (end > left) widen(from, (end - left) * p.channels, line + left * p.channels);
    std::fill_n(line + end * p.channels, (conv.row_pixels - end) * p.channels, 0.0f);
  }
}

// ---------------------------------------------------------------- a task

template <Activation kind, typename T>
void convolve_row(const DirectConv& conv, const float* packed, Buffers in, Buffers out,
                  const DirectConv::Task& task, float* scratch) {
  const auto& p = conv.p;
  const DirectConv::Range rows = conv.rows_on_x(task.row);
  const T* const x = in[0].as<const T>().data() + task.picture * p.height * p.width * p.channels;
  widen_rows(conv, x, task.row, rows, scratch);

  const T* const bias = in[2].as<const T>().data();
  const T* const residual = p.residual == Residual::none ? nullptr : in[3].as<const T>().data();
  T* const y = out[0].as<T>().data();
  const std::int64_t first_pixel = (task.picture * conv.out_h + task.row) * conv.out_w;
  const std::int64_t blocks = round_up(conv.group_k, kStep) / kStep;
  const std::int64_t tiles = (conv.out_w + kPixels - 1) / kPixels;
  HWY_ALIGN float sums[kPixels * kStep];
  for (std::int64_t b = task.first_block; b < task.end_block; ++b) {
    const std::int64_t group = b / blocks, k = group * conv.group_k + b % blocks * kStep;
    const std::int64_t left = (group + 1) * conv.group_k - k;
    for (std::int64_t tile = 0; tile < tiles; ++tile) {  // as even as may be
      const std::int64_t begin = conv.out_w * tile / tiles, end = conv.out_w * (tile + 1) / tiles;
      sum_pixels(end - begin,
                 {.x = scratch + begin * p.stride_w * p.channels + group * conv.group_c,
                  .w = packed + b * conv.taps() * kStep,
                  .pixel_stride = p.stride_w * p.channels,
                  .row_stride = conv.row_pixels * p.channels,
                  .tap_stride = p.dilation * p.channels,
                  .rows = rows,
                  .columns = p.kernel_w,
                  .channels = conv.group_c},
                 sums);
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t at = (first_pixel + i) * p.filters + k;
        const float* const pair = sums + (i - begin) * kStep;
        finish_filters<kind, T>(conv, {hn::Load(kF, pair), hn::Load(kF, pair + kLanes)}, bias + k,
                                residual == nullptr ? nullptr : residual + at, y + at, left);
      }
    }
  }
}

void ConvolveRow(const DirectConv& conv, const float* packed, Buffers in, Buffers out,
                 const DirectConv::Task& task, float* scratch) {
  with_element(conv.p.type, [&](auto element) {
    using T = decltype(element);
    const auto run = [&]<Activation kind>() {
      if (conv.depthwise) return convolve_row_depthwise<kind, T>(conv, packed, in, out, task);
      convolve_row<kind, T>(conv, packed, in, out, task, scratch);
    };
    switch (conv.p.activation) {
      case Activation::relu: return run.template operator()<Activation::relu>();
      case Activation::silu: return run.template operator()<Activation::silu>();
      default: return run.template operator()<Activation::none>();
    }
  });
}

std::int64_t FilterBlocks(const DirectConv& conv) {
  return conv.depthwise ? 1 : conv.p.groups * (round_up(conv.group_k, kStep) / kStep);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(PackWeights);
HWY_EXPORT(ConvolveRow);
HWY_EXPORT(FilterBlocks);

class DirectConvKernel final : public Kernel {
 public:
  explicit DirectConvKernel(const Conv2d& op)
      : conv_(op),
        blocks_(HWY_DYNAMIC_DISPATCH(FilterBlocks)(conv_)),
        packed_(conv_.packed_floats()),
        row_floats_(round_up(conv_.row_floats(), Scratch::kLine / 4)),
        rows_(omp_get_max_threads() * row_floats_) {
    // Filters are shared out too where there are few rows; each part widens its row again.
    constexpr std::int64_t kTasks = 4;  // a thread, at least
    const std::int64_t rows = conv_.p.batch * conv_.out_h, wanted = kTasks * omp_get_max_threads();
    parts_ = std::clamp((wanted + rows - 1) / rows, std::int64_t{1}, blocks_);
  }

  std::int64_t workspace_bytes() const override { return packed_.bytes() + rows_.bytes(); }
  std::vector<std::size_t> packs() const override { return {1}; }
  void pack(Stream&, Buffers in) override {
    HWY_DYNAMIC_DISPATCH(PackWeights)(conv_, in[1].data, packed_.data());
  }

  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t tasks = conv_.p.batch * conv_.out_h * parts_;
#pragma omp parallel for schedule(dynamic, 1)
    for (std::int64_t t = 0; t < tasks; ++t) {
      const std::int64_t row = t / parts_, part = t % parts_;
      const DirectConv::Task task{.picture = row / conv_.out_h,
                                  .row = row % conv_.out_h,
                                  .first_block = blocks_ * part / parts_,
                                  .end_block = blocks_ * (part + 1) / parts_};
      HWY_DYNAMIC_DISPATCH(ConvolveRow)
      (conv_, packed_.data(), in, out, task, rows_.data() + omp_get_thread_num() * row_floats_);
    }
  }

 private:
  const DirectConv conv_;
  const std::int64_t blocks_;
  std::int64_t parts_;  // of the filter blocks
  Scratch packed_;
  const std::int64_t row_floats_;
  Scratch rows_;  // widened, of each thread
};

}  // namespace cpu

std::unique_ptr<Kernel> make_conv2d_direct(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "conv2d");
  return std::make_unique<cpu::DirectConvKernel>(op_cast<Conv2d>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
