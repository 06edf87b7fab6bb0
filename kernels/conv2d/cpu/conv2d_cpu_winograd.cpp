// SPDX-License-Identifier: Apache-2.0
// 3x3 convolutions of stride 1 by F(4x4, 3x3): 36 products where the direct way takes 144. A task transforms
// the pixels of its tiles to 36 points, multiplies them at each point with weights that were transformed when
// they were packed, and transforms the products back. What lies between stays in cache, and weights are read
// once a task.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv2d/cpu/conv2d_cpu_winograd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/conv2d/cpu/direct_cpu.h"
#include "kernels/conv2d/cpu/tile_cpu-inl.h"
#include "kernels/conv2d/cpu/winograd_cpu-inl.h"
#include "kernels/conv2d/cpu/winograd_cpu.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

std::int64_t WinogradBlocks(const WinogradConv& conv) {
  return round_up(conv.p.filters, kStep) / kStep;
}

/// Channels that are summed over all tiles and blocks before the next: [begin, end).
DirectConv::Range channels_of(const WinogradConv& conv, std::int64_t part) {
  return {conv.p.channels * part / conv.parts, conv.p.channels * (part + 1) / conv.parts};
}

/// Where the weights of a block begin: packed[point, part, block, channel of the part, kStep].
std::int64_t weights_of(const WinogradConv& conv, std::int64_t point, std::int64_t part, std::int64_t block) {
  const std::int64_t blocks = WinogradBlocks(conv);
  const DirectConv::Range channels = channels_of(conv, part);
  return (point * blocks * conv.p.channels + blocks * channels.begin +
          block * (channels.end - channels.begin)) *
         kStep;
}

/// Rounded once; behind them a pixel of zeros, which stands for what lies beside x.
template <typename T>
void pack_winograd(const WinogradConv& conv, const T* w, float* packed) {
  // Values of a row of the kernel at the points, divided by the products of each point's distances to the
  // others.
  constexpr double a = WinogradConv::kA, b = WinogradConv::kB, a2 = a * a, b2 = b * b;
  constexpr double of_a = 2 * a2 * (a2 - b2), of_b = 2 * b2 * (b2 - a2);
  static constexpr double kAt[kIn][3] = {
      {1 / (a2 * b2), 0, 0},           {1 / of_a, a / of_a, a2 / of_a},  {1 / of_a, -a / of_a, a2 / of_a},
      {1 / of_b, b / of_b, b2 / of_b}, {1 / of_b, -b / of_b, b2 / of_b}, {0, 0, 1}};
  const std::int64_t channels = conv.p.channels;
  std::fill_n(packed, conv.packed_floats() + conv.channel_stride, 0.0f);
#pragma omp parallel for
  for (std::int64_t k = 0; k < conv.p.filters; ++k)
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t part = ((c + 1) * conv.parts - 1) / channels;
      const std::int64_t in_part = c - channels_of(conv, part).begin;
      double g[9], rows[kIn][3];
      for (std::int64_t tap = 0; tap < 9; ++tap)
        g[tap] = load_element(conv.p.type, w, (k * 9 + tap) * channels + c);
      for (std::int64_t i = 0; i < kIn; ++i)
        for (std::int64_t s = 0; s < 3; ++s)
          rows[i][s] = kAt[i][0] * g[s] + kAt[i][1] * g[3 + s] + kAt[i][2] * g[6 + s];
      for (std::int64_t point = 0; point < kPoints; ++point) {
        const double* const row = rows[point / kIn];
        const double* const at = kAt[point % kIn];
        packed[weights_of(conv, point, part, k / kStep) + in_part * kStep + place_in_pair<T>(k % kStep)] =
            static_cast<float>(at[0] * row[0] + at[1] * row[1] + at[2] * row[2]);
      }
    }
}

void PackWinograd(const WinogradConv& conv, const void* w, float* packed) {
  with_element(conv.p.type,
               [&](auto element) { pack_winograd(conv, static_cast<const decltype(element)*>(w), packed); });
}

std::int64_t product_stride_of(const WinogradConv::Task& task) {
  return WinogradConv::product_stride(task.end_tile - task.first_tile,
                                      (task.end_block - task.first_block) * kStep);
}

/// products[point, block of the task, tile, kStep]
void multiply(const WinogradConv& conv, const float* packed, const float* pixels,
              const WinogradConv::Task& task, float* products) {
  constexpr std::int64_t kLine = Scratch::kLine / 4;  // floats
  const std::int64_t tiles = task.end_tile - task.first_tile, groups = (tiles + kPixels - 1) / kPixels;
  const std::int64_t pixel_stride = conv.pixel_stride(tiles), product_stride = product_stride_of(task);
  TileInput in{.x = nullptr,
               .w = nullptr,
               .pixel_stride = conv.channel_stride,
               .row_stride = 0,
               .tap_stride = 0,
               .columns = 1,
               .run = 0,
               .block_stride = 0,
               .rows = {0, 1},
               .part = {}};
  for (std::int64_t point = 0; point < kPoints; ++point)
    for (std::int64_t part = 0; part < conv.parts; ++part) {
      const DirectConv::Range channels = channels_of(conv, part);
      in.run = in.part.end = channels.end - channels.begin;
      // The block after this one is fetched in even pieces while this one is at work.
      const std::int64_t piece = round_up((in.run * kStep + groups - 1) / groups, kLine);
      for (std::int64_t b = task.first_block; b < task.end_block; ++b) {
        in.w = packed + weights_of(conv, point, part, b);
        const float* next = in.w + in.run * kStep;
        float* const to = products + point * product_stride + (b - task.first_block) * tiles * kStep;
        for (std::int64_t g = 0; g < groups; ++g) {  // as even as may be
          const std::int64_t from = tiles * g / groups, count = tiles * (g + 1) / groups - from;
          for (const float* const end = next + piece; next < end; next += kLine)
            __builtin_prefetch(next, 0, 2);
          in.x = pixels + point * pixel_stride + from * conv.channel_stride + channels.begin;
          sum_pixels(count, 1, in, part == 0, to + from * kStep, 0);
        }
      }
    }
}

template <Activation kind, typename T>
void finish(const WinogradConv& conv, const float* products, const WinogradConv::Task& task, Buffers in,
            Buffers out) {
  const std::int64_t tiles = task.end_tile - task.first_tile;
  const std::int64_t point_stride = product_stride_of(task);
  const T* const bias = in[2].as<const T>().data();
  const T* const residual = conv.p.residual == Residual::none ? nullptr : in[3].as<const T>().data();
  T* const y = out[0].as<T>().data();
  for (std::int64_t t = 0; t < tiles; ++t) {
    const WinogradConv::Tile tile = conv.tile(task.first_tile + t);
    for (std::int64_t b = task.first_block; b < task.end_block; ++b) {
      const std::int64_t k = b * kStep;
      finish_tile<kind, T>(conv, products + ((b - task.first_block) * tiles + t) * kStep, point_stride, tile,
                           bias + k, residual == nullptr ? nullptr : residual + k, y + k, conv.p.filters - k);
    }
  }
}

void ConvolveTiles(const WinogradConv& conv, const float* packed, Buffers in, Buffers out,
                   const WinogradConv::Task& task, float* scratch) {
  const std::int64_t tiles = task.end_tile - task.first_tile;
  float* const products = scratch + kPoints * conv.pixel_stride(tiles);
  with_element(conv.p.type, [&](auto element) {
    using T = decltype(element);
    const void* const zeros = packed + conv.packed_floats();
    transform_pixels(conv, in[0].as<const T>().data(), static_cast<const T*>(zeros), task.first_tile, tiles,
                     scratch);
    multiply(conv, packed, scratch, task, products);
    switch (conv.p.activation) {
      case Activation::relu: return finish<Activation::relu, T>(conv, products, task, in, out);
      case Activation::silu: return finish<Activation::silu, T>(conv, products, task, in, out);
      default: return finish<Activation::none, T>(conv, products, task, in, out);
    }
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(WinogradBlocks);
HWY_EXPORT(PackWinograd);
HWY_EXPORT(ConvolveTiles);

class WinogradConvKernel final : public Kernel {
 public:
  explicit WinogradConvKernel(const Conv2d& op)
      : conv_(op),
        flops_saved_(op.cost().flops * (1 - WinogradConv::kShareOfProducts)),
        blocks_(HWY_DYNAMIC_DISPATCH(WinogradBlocks)(conv_)) {
    // As many tasks for each thread. Filters are shared out where there are few tiles; each part transforms
    // its pixels again.
    const std::int64_t threads = omp_get_max_threads();
    runs_ = (conv_.tiles + WinogradConv::kTaskTiles - 1) / WinogradConv::kTaskTiles;
    if (runs_ >= threads)
      runs_ = std::min(round_up(runs_, threads), conv_.tiles);
    else
      parts_ = std::min(blocks_, (threads + runs_ - 1) / runs_);
    const std::int64_t tiles = (conv_.tiles + runs_ - 1) / runs_,
                       filters = (blocks_ + parts_ - 1) / parts_ * WinogradConv::kWidest;
    thread_floats_ =
        WinogradConv::kPoints * (conv_.pixel_stride(tiles) + WinogradConv::product_stride(tiles, filters));
    packed_ = Scratch(conv_.packed_floats() + conv_.channel_stride);
    scratch_ = Scratch(threads * thread_floats_);
  }

  std::int64_t workspace_bytes() const override { return packed_.bytes() + scratch_.bytes(); }
  double flops_saved() const override { return flops_saved_; }
  std::vector<std::size_t> packs() const override { return {1}; }
  void pack(Stream&, Buffers in) override {
    HWY_DYNAMIC_DISPATCH(PackWinograd)(conv_, in[1].data, packed_.data());
  }

  void launch(Stream&, Buffers in, Buffers out) override {
#pragma omp parallel for schedule(dynamic, 1)
    for (std::int64_t t = 0; t < runs_ * parts_; ++t) {
      const std::int64_t run = t / parts_, part = t % parts_;
      const WinogradConv::Task task{.first_tile = conv_.tiles * run / runs_,
                                    .end_tile = conv_.tiles * (run + 1) / runs_,
                                    .first_block = blocks_ * part / parts_,
                                    .end_block = blocks_ * (part + 1) / parts_};
      HWY_DYNAMIC_DISPATCH(ConvolveTiles)
      (conv_, packed_.data(), in, out, task, scratch_.data() + omp_get_thread_num() * thread_floats_);
    }
  }

 private:
  const WinogradConv conv_;
  const double flops_saved_;
  const std::int64_t blocks_;
  std::int64_t runs_ = 1, parts_ = 1;  // of tiles, of filter blocks
  std::int64_t thread_floats_ = 0;
  Scratch packed_{0};
  Scratch scratch_{0};  // of each thread: pixels and products at the points
};

}  // namespace cpu

std::unique_ptr<Kernel> make_conv2d_winograd(const Op& op, Lane&) {
  const auto& conv = op_cast<Conv2d>(op);
  const Conv2d::Params& p = conv.p;
  cpu::require_element(p.type, "conv2d");
  if (p.kernel_h != 3 || p.kernel_w != 3 || p.stride_h != 1 || p.stride_w != 1 || p.dilation != 1 ||
      p.groups != 1)
    throw Unsupported("Winograd's F(4x4, 3x3) is of 3x3 kernels of stride 1, undilated and without groups");
  return std::make_unique<cpu::WinogradConvKernel>(conv);
}

}  // namespace assay
#endif  // HWY_ONCE
