// SPDX-License-Identifier: Apache-2.0
// A block has a tile of an output. It goes through the picture's rows that the tile is made of, some at a
// time: of each it makes the tile's columns, in shared memory, and of those every thread adds to its own
// pixel what its row is made of. So no picture is too large, nothing is kept between launches, and a batch is
// one launch. Weights are made where they are used: three operations each, and no table to fetch.
#include "device/cuda/dispatch.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/resize_normalise/resize_normalise.h"

namespace assay {
namespace {

constexpr int kTileW = 32, kTileH = 8, kRowsAtOnce = 16;  // a warp has a row of the tile

/// The picture's row through the columns that a pixel is made of.
__device__ inline void sum_columns(const std::uint8_t* row, const Taps& taps, float (&sum)[3]) {
  float all = 0;
  const std::uint8_t* at = row + 3 * std::int64_t{taps.begin};
  for (int k = 0; k < taps.count; ++k, at += 3) {
    const float w = taps.weight(k);
    all += w;
#pragma unroll
    for (int c = 0; c < 3; ++c) sum[c] = fmaf(w, static_cast<float>(at[c]), sum[c]);
  }
#pragma unroll
  for (int c = 0; c < 3; ++c) sum[c] /= all;
}

template <typename T>
__global__ void __launch_bounds__(kTileW* kTileH)
    resize_tiles(const std::uint8_t* __restrict__ pixels,  // [images, capacity]
                 const std::int32_t* __restrict__ sizes,   // [images, 3]
                 T* __restrict__ out, ResizeRule rule) {
  __shared__ float columns[kRowsAtOnce][kTileW][3];
  const int across = (rule.out_w + kTileW - 1) / kTileW, down = (rule.out_h + kTileH - 1) / kTileH;
  const int tile = static_cast<int>(blockIdx.x % static_cast<unsigned>(across * down));
  const std::int64_t n = blockIdx.x / static_cast<unsigned>(across * down);
  const int column = static_cast<int>(threadIdx.x), line = static_cast<int>(threadIdx.y);
  const int first_y = tile / across * kTileH, x = tile % across * kTileW + column, y = first_y + line;
  const ResizeView view = view_of(rule, sizes[3 * n], sizes[3 * n + 1]);
  const std::uint8_t* const picture = pixels + n * rule.capacity;

  const bool shown = x < view.shown_w && y < view.shown_h;
  const Taps in_row = x < view.shown_w ? taps_of(view.left + x, view.width, view.resized_w) : Taps{};
  const Taps in_column = shown ? taps_of(view.top + y, view.height, view.resized_h) : Taps{};
  int row = 0, end = 0;  // of the picture, for all of the tile
  if (first_y < view.shown_h) {
    const int last_y = min(first_y + kTileH, view.shown_h) - 1;
    const Taps last = taps_of(view.top + last_y, view.height, view.resized_h);
    row = taps_of(view.top + first_y, view.height, view.resized_h).begin;
    end = last.begin + last.count;
  }

  float sum[3] = {}, all = 0;
  for (; row < end; row += kRowsAtOnce) {
    for (int r = line; r < kRowsAtOnce && row + r < end; r += kTileH) {
      float of_row[3] = {};
      if (in_row.count > 0) sum_columns(picture + 3 * std::int64_t{row + r} * view.width, in_row, of_row);
#pragma unroll
      for (int c = 0; c < 3; ++c) columns[r][column][c] = of_row[c];
    }
    __syncthreads();
    const int from = max(in_column.begin, row),
              to = min(in_column.begin + in_column.count, row + kRowsAtOnce);
    for (int r = from; r < to; ++r) {
      const float w = in_column.weight(r - in_column.begin);
      all += w;
#pragma unroll
      for (int c = 0; c < 3; ++c) sum[c] = fmaf(w, columns[r - row][column][c], sum[c]);
    }
    __syncthreads();
  }

  if (x >= rule.out_w || y >= rule.out_h) return;
  const std::int64_t pixel = element_of(rule, n, y, x, 0);
  const std::int64_t step = rule.layout == PixelLayout::patches ? std::int64_t{rule.patch} * rule.patch : 1;
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    const float v = rule.order == ChannelOrder::rgb ? sum[c] : sum[2 - c];
    out[pixel + c * step] = from_float<T>(fmaf(shown ? v / all : rule.padding, rule.factor[c], rule.term[c]));
  }
}

template <typename T>
class ResizeNormaliseCuda final : public Kernel {
 public:
  explicit ResizeNormaliseCuda(const ResizeNormalise& op) : rule_(op.rule()) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const std::int64_t tiles =
        std::int64_t{(rule_.out_w + kTileW - 1) / kTileW} * ((rule_.out_h + kTileH - 1) / kTileH);
    assay::launch(resize_tiles<T>, blocks_for(rule_.images * tiles, 1), dim3(kTileW, kTileH), 0, stream,
                  static_cast<const std::uint8_t*>(in[ResizeNormalise::kPixels].data),
                  static_cast<const std::int32_t*>(in[ResizeNormalise::kSizes].data),
                  static_cast<T*>(out[0].data), rule_);
  }

 private:
  const ResizeRule rule_;
};

}  // namespace

std::unique_ptr<Kernel> make_resize_normalise_cuda(const Op& op, Lane&) {
  const auto& resize = op_cast<ResizeNormalise>(op);
  return kernel_for(resize.p.type, "resize_normalise/tiles", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<ResizeNormaliseCuda<T>>(resize);
  });
}

}  // namespace assay
