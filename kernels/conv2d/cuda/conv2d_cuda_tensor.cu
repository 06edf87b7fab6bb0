// SPDX-License-Identifier: Apache-2.0
// Implicit GEMM on tensor cores: a block makes a tile of output pixels x 64 filters. Taps and weights come
// into shared memory by copies of 16 bytes that do not wait, the next ones while the tile at hand is
// multiplied.
#include <algorithm>
#include <string>
#include <vector>

#include "device/cuda/launch.cuh"
#include "kernels/conv2d/cuda/finish.cuh"

namespace assay {
namespace {

constexpr int kFilters = 64;          // a block
constexpr int kDepth = 32;            // taps a step
constexpr int kStride = kDepth + 8;   // rows 80 bytes apart fall on other banks
constexpr int kWarpSide = 2 * kTile;  // a warp makes 32 x 32

template <typename T, int kPixels>
union TensorShared {
  struct {
    T x[2][kPixels * kStride], w[2][kFilters * kStride];
  } in;
  float sums[kPixels * (kFilters + 4)];
};

template <typename T, int kPixels, bool kWhole>
__global__ void __launch_bounds__(kPixels / kWarpSide * 2 * kWarp)
    conv_tensor(ConvArgs<T> args, ConvShape shape) {
  constexpr int kThreads = kPixels / kWarpSide * 2 * kWarp;
  constexpr int kChunk = kVec16<T>, kRowChunks = kDepth / kChunk, kRows = kThreads / kRowChunks;
  __shared__ __align__(128) TensorShared<T, kPixels> shared;
  const int thread = static_cast<int>(threadIdx.x), warp = thread / kWarp;
  const int group = static_cast<int>(blockIdx.z);
  const std::int64_t first_pixel = std::int64_t{blockIdx.x} * kPixels;
  const std::int64_t first_filter = std::int64_t{blockIdx.y} * kFilters;  // in the group
  const T* w = args.w + std::int64_t{group} * shape.group_k * shape.taps;

  // A thread copies the same sixteen bytes of every step, of so many pixels and filters.
  const int row = thread / kRowChunks, column = thread % kRowChunks * kChunk;
  PixelOrigin<T> origins[kPixels / kRows];
#pragma unroll
  for (int i = 0; i < kPixels / kRows; ++i)
    origins[i] = PixelOrigin<T>::of(args.x, shape, first_pixel + row + i * kRows, group);
  TapPlace tap;
  tap.advance(column, shape);
  const auto fetch = [&](int buffer, std::int64_t first_tap) {
#pragma unroll
    for (int i = 0; i < kPixels / kRows; ++i)
      gather_taps<kWhole>(shared.in.x[buffer] + (row + i * kRows) * kStride + column, origins[i], tap, shape,
                          args.x);
#pragma unroll
    for (int i = 0; i < kFilters / kRows; ++i)
      gather_weights<kWhole>(shared.in.w[buffer] + (row + i * kRows) * kStride + column, w,
                             first_filter + row + i * kRows, first_tap + column, shape);
    close_copies();
    tap.advance(kDepth, shape);
  };

  TileC sums[2][2];
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 2; ++j) sums[i][j].clear();
  const int warp_pixel = warp / 2 * kWarpSide, warp_filter = warp % 2 * kWarpSide;
  fetch(0, 0);
  int buffer = 0;
  for (std::int64_t first_tap = 0; first_tap < shape.taps; first_tap += kDepth, buffer ^= 1) {
    wait_for_copies();
    __syncthreads();  // all of this step is there, and nobody reads the other buffer any more
    if (first_tap + kDepth < shape.taps) fetch(buffer ^ 1, first_tap + kDepth);
#pragma unroll
    for (int k = 0; k < kDepth; k += kTile) {
      TileA<T> a[2];
      TileB<T, true> b[2];
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        a[i].load(shared.in.x[buffer] + (warp_pixel + i * kTile) * kStride + k, kStride);
        b[i].load(shared.in.w[buffer] + (warp_filter + i * kTile) * kStride + k, kStride);
      }
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int j = 0; j < 2; ++j) sums[i][j].add_product(a[i], b[j]);
    }
  }

  constexpr int kSumStride = kFilters + 4;
  __syncthreads();  // the sums take the place of the operands
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 2; ++j)
      sums[i][j].store(shared.sums + (warp_pixel + i * kTile) * kSumStride + warp_filter + j * kTile,
                       kSumStride);
  __syncthreads();
  const bool vectors = shape.group_k % kChunk == 0;
  constexpr int kOutChunks = kFilters / kChunk;
  for (int i = thread; i < kPixels * kOutChunks; i += kThreads) {
    const int pixel = i / kOutChunks, filter = i % kOutChunks * kChunk;
    const std::int64_t left = shape.group_k - first_filter - filter;
    if (first_pixel + pixel >= shape.pixels || left <= 0) continue;
    const float* from = shared.sums + pixel * kSumStride + filter;
    const std::int64_t k = std::int64_t{group} * shape.group_k + first_filter + filter;
    const std::int64_t at = (first_pixel + pixel) * shape.filters + k;
    if (vectors) {
      float values[kChunk];
#pragma unroll
      for (int j = 0; j < kChunk; ++j) values[j] = from[j];
      finish_conv(args, values, at, k);
    } else {
      for (int j = 0; j < kChunk && j < left; ++j) {
        float value[1] = {from[j]};
        finish_conv(args, value, at + j, k + j);
      }
    }
  }
}

template <typename T>
class Conv2dTensor final : public Kernel {
 public:
  explicit Conv2dTensor(const Conv2d& op) : op_(op.p), shape_(op) {
    if (shape_.group_c % kVec16<T> == 0) {
      ways_ = {{conv_tensor<T, 128, true>, 128}, {conv_tensor<T, 64, true>, 64}};
    } else {
      ways_ = {{conv_tensor<T, 64, false>, 64}};
    }
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const Way& way = ways_.at(way_);
    const dim3 grid(blocks_for(shape_.pixels, way.pixels), blocks_for(shape_.group_k, kFilters),
                    static_cast<unsigned>(shape_.groups));
    assay::launch(way.function, grid, way.pixels / kWarpSide * 2 * kWarp, 0, stream,
                  ConvArgs<T>(op_, in, out), shape_);
  }
  std::vector<std::string> variants() const override {
    std::vector<std::string> names;
    for (const Way& way : ways_)
      names.push_back("tile " + std::to_string(way.pixels) + "x" + std::to_string(kFilters));
    return names;
  }
  void use(std::size_t variant) override { way_ = variant; }

 private:
  struct Way {
    void (*function)(ConvArgs<T>, ConvShape);
    int pixels;  // a block
  };
  const Conv2d op_;
  const ConvShape shape_;
  std::vector<Way> ways_;
  std::size_t way_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_tensor(const Op& op, Lane&) {
  const auto& conv = op_cast<Conv2d>(op);
  if (conv.depthwise() && conv.p.groups > 1) throw Unsupported("tensor has no use for one tap a product");
  constexpr std::int64_t kMostGroups = 65535;  // of a grid
  if (conv.p.groups > kMostGroups) throw Unsupported("tensor takes at most 65535 groups");
  switch (conv.p.type) {
    case DType::f16: return std::make_unique<Conv2dTensor<__half>>(conv);
    case DType::bf16: return std::make_unique<Conv2dTensor<__nv_bfloat16>>(conv);
    default: throw Unsupported("tensor takes f16 and bf16, not " + std::string(name(conv.p.type)));
  }
}

}  // namespace assay
