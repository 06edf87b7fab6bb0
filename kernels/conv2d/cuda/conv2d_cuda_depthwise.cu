// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution: 16 bytes of channels a thread, the weights of a block's channels turned round in
// shared memory once for many pixels. Neighbouring pixels read the same x out of the first-level cache.
#include <algorithm>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/dynamic_shared.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/conv2d/cuda/finish.cuh"

namespace assay {
namespace {

constexpr int kThreads = 128;
constexpr int kMostAcross = 16;  // vectors of channels a block: 7x7 weights of them take 25 KiB
constexpr int kPixelsAThread = 8;

template <typename T, int N>
__global__ void __launch_bounds__(kThreads, 8) conv_depthwise(ConvArgs<T> args, ConvShape shape) {
  float* weights = dynamic_shared<float>();  // [tap, channel of the block]
  const int across = static_cast<int>(blockDim.x), down = static_cast<int>(blockDim.y);
  const int block_channels = across * N, window = shape.kernel_h * shape.kernel_w;
  const std::int64_t first_channel = std::int64_t{blockIdx.y} * block_channels;
  for (int i = static_cast<int>(threadIdx.y) * across + static_cast<int>(threadIdx.x);
       i < block_channels * window; i += across * down) {
    const std::int64_t channel = first_channel + i / window;  // they lie [channel, tap]
    weights[i % window * block_channels + i / window] =
        channel < shape.channels ? to_float(args.w[channel * window + i % window]) : 0.0f;
  }
  __syncthreads();

  const int mine = static_cast<int>(threadIdx.x) * N;
  const std::int64_t channel = first_channel + mine;
  if (channel >= shape.channels) return;
  const std::int64_t first_pixel = (std::int64_t{blockIdx.x} * kPixelsAThread) * down + threadIdx.y;
  for (int i = 0; i < kPixelsAThread; ++i) {
    const std::int64_t pixel = first_pixel + i * down;
    if (pixel >= shape.pixels) return;
    const auto origin = PixelOrigin<T>::of(args.x, shape, pixel, 0);
    float sums[N] = {};
    for (TapPlace tap; tap.r < shape.kernel_h; tap.s = 0, ++tap.r)
      for (; tap.s < shape.kernel_w; ++tap.s) {
        const T* at = tap_of(origin, tap, shape);
        if (at == nullptr) continue;
        const auto x = Vec<T, N>::load(at + channel);
        const float* w = weights + (tap.r * shape.kernel_w + tap.s) * block_channels + mine;
#pragma unroll
        for (int j = 0; j < N; ++j) sums[j] = fmaf(to_float(x.at[j]), w[j], sums[j]);
      }
    finish_conv(args, sums, pixel * shape.filters + channel, channel);
  }
}

template <typename T>
class Conv2dDepthwise final : public Kernel {
 public:
  explicit Conv2dDepthwise(const Conv2d& op)
      : op_(op.p),
        shape_(op),
        vector_(rows_align_16<T>(shape_.channels) ? kVec16<T> : 1),
        across_(std::min<std::int64_t>(kMostAcross, (shape_.channels + vector_ - 1) / vector_)) {}

  std::size_t shared_bytes() const {
    return static_cast<std::size_t>(across_ * vector_ * shape_.kernel_h * shape_.kernel_w) * sizeof(float);
  }
  void launch(Stream& stream, Buffers in, Buffers out) override {
    const auto down = kThreads / across_;
    const dim3 block(static_cast<unsigned>(across_), static_cast<unsigned>(down));
    const dim3 grid(blocks_for(shape_.pixels, down * kPixelsAThread),
                    blocks_for(shape_.channels, across_ * vector_));
    assay::launch(vector_ == 1 ? conv_depthwise<T, 1> : conv_depthwise<T, kVec16<T>>, grid, block,
                  shared_bytes(), stream, ConvArgs<T>(op_, in, out), shape_);
  }

 private:
  const Conv2d op_;
  const ConvShape shape_;
  const std::int64_t vector_, across_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_depthwise(const Op& op, Lane&) {
  const auto& conv = op_cast<Conv2d>(op);
  if (!conv.depthwise()) throw Unsupported("depthwise takes a filter a channel");
  return kernel_for(conv.p.type, "conv2d/depthwise", [&]<typename T>() -> std::unique_ptr<Kernel> {
    auto kernel = std::make_unique<Conv2dDepthwise<T>>(conv);
    constexpr std::size_t kMostShared = 48 * 1024;  // every device has as much
    if (kernel->shared_bytes() > kMostShared)
      throw Unsupported("depthwise keeps the weights of a block in 48 KiB");
    return kernel;
  });
}

}  // namespace assay
