// SPDX-License-Identifier: Apache-2.0
// Implicit GEMM in f32, without tensor cores: a block makes 64 output pixels x 64 filters, a thread 4 x 4 of
// them. The next step's taps and weights arrive while this one's are multiplied.
#include "device/cuda/launch.cuh"
#include "kernels/conv2d/cuda/finish.cuh"

namespace assay {
namespace {

constexpr int kSide = 64;            // pixels, and filters, a block
constexpr int kDepth = 16;           // taps a step
constexpr int kStride = kDepth + 4;  // floats: rows that are read together fall on other banks
constexpr int kThreads = 256;
constexpr int kAcross = 16;  // threads along the filters
constexpr int kMine = kSide / kAcross;

struct TiledShared {
  float x[2][kSide * kStride], w[2][kSide * kStride];
};

template <bool kWhole>
__global__ void __launch_bounds__(kThreads, 2) conv_tiled(ConvArgs<float> args, ConvShape shape) {
  __shared__ __align__(16) TiledShared shared;
  const int thread = static_cast<int>(threadIdx.x), group = static_cast<int>(blockIdx.z);
  const std::int64_t first_pixel = std::int64_t{blockIdx.x} * kSide;
  const std::int64_t first_filter = std::int64_t{blockIdx.y} * kSide;  // in the group
  const float* w = args.w + std::int64_t{group} * shape.group_k * shape.taps;

  // A thread copies four taps of a pixel and of a filter a step.
  const int row = thread / (kDepth / 4), column = thread % (kDepth / 4) * 4;
  const auto origin = PixelOrigin<float>::of(args.x, shape, first_pixel + row, group);
  TapPlace tap;
  tap.advance(column, shape);
  const auto fetch = [&](int buffer, std::int64_t first_tap) {
    gather_taps<kWhole>(shared.x[buffer] + row * kStride + column, origin, tap, shape, args.x);
    gather_weights<kWhole>(shared.w[buffer] + row * kStride + column, w, first_filter + row,
                           first_tap + column, shape);
    close_copies();
    tap.advance(kDepth, shape);
  };

  // Pixels 4 down .. 4 down + 3, filters across, across + 16, ...: neighbours store neighbours.
  const int down = thread / kAcross, across = thread % kAcross;
  float sums[kMine][kMine] = {};
  fetch(0, 0);
  int buffer = 0;
  for (std::int64_t first_tap = 0; first_tap < shape.taps; first_tap += kDepth, buffer ^= 1) {
    wait_for_copies();
    __syncthreads();
    if (first_tap + kDepth < shape.taps) fetch(buffer ^ 1, first_tap + kDepth);
#pragma unroll
    for (int k = 0; k < kDepth; k += 4) {
      Vec<float, 4> x[kMine], weights[kMine];
#pragma unroll
      for (int i = 0; i < kMine; ++i) {
        x[i] = Vec<float, 4>::load(shared.x[buffer] + (down * kMine + i) * kStride + k);
        weights[i] = Vec<float, 4>::load(shared.w[buffer] + (across + i * kAcross) * kStride + k);
      }
#pragma unroll
      for (int t = 0; t < 4; ++t)
#pragma unroll
        for (int i = 0; i < kMine; ++i)
#pragma unroll
          for (int j = 0; j < kMine; ++j) sums[i][j] = fmaf(x[i].at[t], weights[j].at[t], sums[i][j]);
    }
  }

#pragma unroll
  for (int i = 0; i < kMine; ++i)
#pragma unroll
    for (int j = 0; j < kMine; ++j) {
      const std::int64_t pixel = first_pixel + down * kMine + i, filter = first_filter + across + j * kAcross;
      if (pixel >= shape.pixels || filter >= shape.group_k) continue;
      const std::int64_t k = std::int64_t{group} * shape.group_k + filter;
      float value[1] = {sums[i][j]};
      finish_conv(args, value, pixel * shape.filters + k, k);
    }
}

class Conv2dTiled final : public Kernel {
 public:
  explicit Conv2dTiled(const Conv2d& op) : op_(op.p), shape_(op) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const dim3 grid(blocks_for(shape_.pixels, kSide), blocks_for(shape_.group_k, kSide),
                    static_cast<unsigned>(shape_.groups));
    const bool whole = shape_.group_c % 4 == 0;
    assay::launch(whole ? conv_tiled<true> : conv_tiled<false>, grid, kThreads, 0, stream,
                  ConvArgs<float>(op_, in, out), shape_);
  }

 private:
  const Conv2d op_;
  const ConvShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_tiled(const Op& op, Lane&) {
  const auto& conv = op_cast<Conv2d>(op);
  if (conv.p.type != DType::f32) throw Unsupported("tiled takes f32, not " + std::string(name(conv.p.type)));
  if (conv.depthwise() && conv.p.groups > 1) throw Unsupported("tiled has no use for one tap a product");
  constexpr std::int64_t kMostGroups = 65535;  // of a grid
  if (conv.p.groups > kMostGroups) throw Unsupported("tiled takes at most 65535 groups");
  return std::make_unique<Conv2dTiled>(conv);
}

}  // namespace assay
