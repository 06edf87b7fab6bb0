// SPDX-License-Identifier: Apache-2.0
// Direct convolution for every element type and vector extension: the rows of x that a band of rows of output
// reads are widened into cache, padding and all, where they cannot be read as they lie, and tiles of pixels x
// filters are summed in registers. Weights are kept widened, in blocks of a pair of vectors of filters; a
// panel of a block stays in L2 while the whole band is summed with it, so that from beyond it a weight comes
// once a band. Depthwise layers have vectors along the channels instead.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv2d/cpu/conv2d_cpu_direct.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <span>
#include <type_traits>
#include <vector>

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

/// to[line, column, channel] of the band's rows that lie on x, zeros beside x.
template <typename T>
void widen_lines(const DirectConv& conv, const T* x, const DirectConv::Task& task, float* to) {
  const auto& p = conv.p;
  if (conv.flat) {
    const std::int64_t begin = task.first_row * conv.out_w;
    const std::int64_t end = std::min(task.end_row * conv.out_w, conv.pixels);
    return widen(x + begin * p.channels, (end - begin) * p.channels, to);
  }
  const std::int64_t left = std::min(p.pad.left, conv.row_pixels);
  const std::int64_t end = std::clamp<std::int64_t>(p.pad.left + p.width, left, conv.row_pixels);
  const std::int64_t first = task.first_row * p.stride_h - p.pad.top;
  for (std::int64_t l = 0; l < conv.lines(task.end_row - task.first_row); ++l) {
    if (first + l < 0 || first + l >= p.height || (p.kernel_h == 1 && l % p.stride_h != 0)) continue;
    const T* const from = x + (first + l) * p.width * p.channels;
    float* const line = to + l * conv.line_floats;
    std::fill_n(line, left * p.channels, 0.0f);
    if (end > left) widen(from, (end - left) * p.channels, line + left * p.channels);
    std::fill_n(line + end * p.channels, (conv.row_pixels - end) * p.channels, 0.0f);
  }
}

// ---------------------------------------------------------------- a task

constexpr std::int64_t tiles_of(std::int64_t pixels) {
  return (pixels + kPixels - 1) / kPixels;
}

/// Two where tiles are narrow.
std::int64_t blocks_at_once(const DirectConv& conv) {
  return conv.out_w / tiles_of(conv.out_w) <= kNarrow ? 2 : 1;
}

std::vector<DirectConv::Panel> Panels(const DirectConv& conv) {
  return conv.panels(blocks_at_once(conv) * kStep);
}

/// The panel after this one follows it in memory: it is fetched in even pieces, one a tile, while this one is
/// at work.
class NextPanel {
 public:
  NextPanel(const DirectConv& conv, const DirectConv::Panel& panel, const float* block, std::int64_t tiles) {
    const std::int64_t part = panel.part.end - panel.part.begin;
    const std::int64_t floats = (panel.rows.end - panel.rows.begin) * conv.columns * part * kStep;
    at_ = block + (panel.rows.begin * conv.columns * conv.run + panel.part.begin) * kStep + floats;
    const std::int64_t piece = round_up((floats + tiles - 1) / tiles, kLine);
    if (piece <= kMost) piece_ = piece;
  }
  void fetch(std::int64_t blocks, std::int64_t block_stride) {
    for (const float* const end = at_ + piece_; at_ < end; at_ += kLine)
      for (std::int64_t i = 0; i < blocks; ++i) __builtin_prefetch(at_ + i * block_stride, 0, 2);
  }

 private:
  static constexpr std::int64_t kLine = Scratch::kLine / 4;  // floats
  /// Ahead of a tile: more would be in the way of what it reads itself.
  static constexpr std::int64_t kMost = 24 * kLine;
  const float* at_;
  std::int64_t piece_ = 0;
};

/// What comes after the sums of a block, at the first pixel of the band's picture.
template <typename T>
struct Ends {
  const T *bias, *residual;  // residual may be none
  T* y;
  std::int64_t left;  // filters from here to the end of the group

  Ends of_next(std::int64_t filters) const {
    return {bias + filters, residual == nullptr ? nullptr : residual + filters, y + filters, left - filters};
  }
  /// They come from memory while a tile is summed.
  HWY_INLINE void fetch(std::int64_t at, std::int64_t pixels, std::int64_t filters) const {
    for (std::int64_t i = 0; i < pixels; ++i, at += filters) {
      __builtin_prefetch(y + at, 1);
      if (residual != nullptr) __builtin_prefetch(residual + at);
    }
  }
  template <Activation kind>
  HWY_INLINE void finish(const DirectConv& conv, const float* sums, std::int64_t at,
                         std::int64_t pixels) const {
    for (std::int64_t i = 0; i < pixels; ++i, sums += kStep, at += conv.p.filters)
      finish_filters<kind, T>(conv.p.residual, {hn::LoadU(kF, sums), hn::LoadU(kF, sums + kLanes)}, bias,
                              residual == nullptr ? nullptr : residual + at, y + at, left);
  }
};

/// Blocks `b` and, of two, the next. sums[block][pixel of the band, kStep] are those of the panels so far.
template <Activation kind, typename T>
void convolve_blocks(const DirectConv& conv, std::span<const DirectConv::Panel> panels, const float* packed,
                     const DirectConv::Task& task, const float* lines, std::int64_t b, std::int64_t blocks,
                     float* sums, const Ends<T>& ends) {
  const auto& p = conv.p;
  const std::int64_t group = b / (round_up(conv.group_k, kStep) / kStep);
  const std::int64_t sum_stride = conv.band_rows * conv.out_w * kStep;
  TileInput in{.x = nullptr,
               .w = packed + b * conv.taps() * kStep,
               .pixel_stride = p.stride_w * p.channels,
               .row_stride = p.dilation * conv.line_floats,
               .tap_stride = p.dilation * p.channels,
               .columns = conv.columns,
               .run = conv.run,
               .block_stride = conv.taps() * kStep,
               .rows = {},
               .part = {}};
  for (const DirectConv::Panel& panel : panels) {
    const bool begin = &panel == &panels.front(), end = &panel == &panels.back();
    in.part = panel.part;
    NextPanel next(conv, panel, in.w, (task.end_row - task.first_row) * tiles_of(conv.out_w));
    for (std::int64_t row = task.first_row; row < task.end_row; ++row) {
      const DirectConv::Range on_x = conv.rows_on_x(row);
      in.rows = {std::max(on_x.begin, panel.rows.begin), std::min(on_x.end, panel.rows.end)};
      if (in.rows.begin >= in.rows.end && !begin && !end) continue;
      const std::int64_t in_band = row - task.first_row, width = conv.width_of(row);
      const std::int64_t tiles = tiles_of(width);
      const float* const line = lines + in_band * p.stride_h * conv.line_floats + group * conv.group_c;
      for (std::int64_t tile = 0; tile < tiles; ++tile) {  // as even as may be
        const std::int64_t from = width * tile / tiles, pixels = width * (tile + 1) / tiles - from;
        const std::int64_t at = (row * conv.out_w + from) * p.filters;
        float* const of_tile = sums + (in_band * conv.out_w + from) * kStep;
        if (end) ends.fetch(at, pixels, p.filters);
        next.fetch(blocks, in.block_stride);
        in.x = line + from * in.pixel_stride;
        sum_pixels(pixels, blocks, in, begin, of_tile, sum_stride);
        if (!end) continue;
        ends.template finish<kind>(conv, of_tile, at, pixels);
        if (blocks == 2) ends.of_next(kStep).template finish<kind>(conv, of_tile + sum_stride, at, pixels);
      }
    }
  }
}

template <Activation kind, typename T>
void convolve_band(const DirectConv& conv, std::span<const DirectConv::Panel> panels, const float* packed,
                   Buffers in, Buffers out, const DirectConv::Task& task, float* scratch) {
  const auto& p = conv.p;
  const T* const x = in[0].as<const T>().data() + task.picture * p.height * p.width * p.channels;
  const float* lines = scratch;
  if constexpr (std::is_same_v<T, float>)
    if (conv.in_place) lines = x + task.first_row * p.stride_h * conv.line_floats;
  if (lines == scratch) widen_lines(conv, x, task, scratch);

  const std::int64_t first = task.picture * conv.rows * conv.out_w * p.filters;
  const T* const residual = p.residual == Residual::none ? nullptr : in[3].as<const T>().data() + first;
  const Ends<T> all{in[2].as<const T>().data(), residual, out[0].as<T>().data() + first, 0};
  const std::int64_t blocks = round_up(conv.group_k, kStep) / kStep, most = blocks_at_once(conv);
  for (std::int64_t b = task.first_block; b < task.end_block;) {
    const std::int64_t group = b / blocks, of_group = (group + 1) * blocks - b;
    const std::int64_t k = group * conv.group_k + b % blocks * kStep;
    const std::int64_t now = std::min({most, task.end_block - b, of_group});
    Ends<T> ends = all.of_next(k);
    ends.left = (group + 1) * conv.group_k - k;
    convolve_blocks<kind, T>(conv, panels, packed, task, lines, b, now, scratch + conv.scratch_floats(),
                             ends);
    b += now;
  }
}

void ConvolveBand(const DirectConv& conv, std::span<const DirectConv::Panel> panels, const float* packed,
                  Buffers in, Buffers out, const DirectConv::Task& task, float* scratch) {
  with_element(conv.p.type, [&](auto element) {
    using T = decltype(element);
    const auto run = [&]<Activation kind>() {
      if (!conv.depthwise) return convolve_band<kind, T>(conv, panels, packed, in, out, task, scratch);
      for (std::int64_t row = task.first_row; row < task.end_row; ++row)
        convolve_row_depthwise<kind, T>(conv, packed, in, out, task.picture, row);
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
HWY_EXPORT(ConvolveBand);
HWY_EXPORT(FilterBlocks);
HWY_EXPORT(Panels);

class DirectConvKernel final : public Kernel {
 public:
  explicit DirectConvKernel(const Conv2d& op)
      : conv_(op),
        blocks_(HWY_DYNAMIC_DISPATCH(FilterBlocks)(conv_)),
        panels_(HWY_DYNAMIC_DISPATCH(Panels)(conv_)),
        packed_(conv_.packed_floats()),
        bands_((conv_.rows + conv_.band_rows - 1) / conv_.band_rows),
        thread_floats_(conv_.scratch_floats() + conv_.sum_floats()),
        scratch_(omp_get_max_threads() * thread_floats_) {
    // Filters are shared out too where there are few bands; each part widens its band again.
    constexpr std::int64_t kTasks = 8;  // a thread, at least
    const std::int64_t bands = conv_.pictures * bands_, wanted = kTasks * omp_get_max_threads();
    parts_ = std::clamp((wanted + bands - 1) / bands, std::int64_t{1}, blocks_);
  }

  std::int64_t workspace_bytes() const override { return packed_.bytes() + scratch_.bytes(); }
  std::vector<std::size_t> packs() const override { return {1}; }
  void pack(Stream&, Buffers in) override {
    HWY_DYNAMIC_DISPATCH(PackWeights)(conv_, in[1].data, packed_.data());
  }

  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t tasks = conv_.pictures * bands_ * parts_;
#pragma omp parallel for schedule(dynamic, 1)
    for (std::int64_t t = 0; t < tasks; ++t) {
      const std::int64_t band = t / parts_ % bands_, part = t % parts_;
      const DirectConv::Task task{.picture = t / parts_ / bands_,
                                  .first_row = conv_.rows * band / bands_,
                                  .end_row = conv_.rows * (band + 1) / bands_,
                                  .first_block = blocks_ * part / parts_,
                                  .end_block = blocks_ * (part + 1) / parts_};
      HWY_DYNAMIC_DISPATCH(ConvolveBand)
      (conv_, panels_, packed_.data(), in, out, task,
       scratch_.data() + omp_get_thread_num() * thread_floats_);
    }
  }

 private:
  const DirectConv conv_;
  const std::int64_t blocks_;
  const std::vector<DirectConv::Panel> panels_;
  std::int64_t parts_;  // of the filter blocks
  Scratch packed_;
  const std::int64_t bands_;  // of a picture's rows
  const std::int64_t thread_floats_;
  Scratch scratch_;  // of each thread: widened rows, and sums
};

}  // namespace cpu

std::unique_ptr<Kernel> make_conv2d_direct(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "conv2d");
  return std::make_unique<cpu::DirectConvKernel>(op_cast<Conv2d>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
