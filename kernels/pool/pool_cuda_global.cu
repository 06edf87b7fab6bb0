// SPDX-License-Identifier: Apache-2.0
// The mean of a whole image: some vectors of channels a block, the pixels shared among its warps.
#include "device/cuda/dispatch.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/pool/pool.h"

namespace assay {
namespace {

constexpr int kAcross = 32, kDown = 8;  // vectors of channels, shares of the pixels

template <typename T, int N>
__global__ void __launch_bounds__(kAcross* kDown)
    pool_images(const T* __restrict__ x,  // [batch, pixels, channels]
                T* __restrict__ y,        // [batch, channels]
                std::int64_t pixels, std::int64_t channels) {
  __shared__ float sums[kDown][N][kAcross];
  const int lane = static_cast<int>(threadIdx.x), part = static_cast<int>(threadIdx.y);
  const std::int64_t image = blockIdx.x, c = (std::int64_t{blockIdx.y} * kAcross + lane) * N;
  float sum[N] = {};
  if (c < channels)
    for (std::int64_t i = part; i < pixels; i += kDown) {
      const auto v = Vec<T, N>::load(x + (image * pixels + i) * channels + c);
#pragma unroll
      for (int k = 0; k < N; ++k) sum[k] += to_float(v.at[k]);
    }
#pragma unroll
  for (int k = 0; k < N; ++k) sums[part][k][lane] = sum[k];
  __syncthreads();
  if (part != 0 || c >= channels) return;
  Vec<T, N> mean;
#pragma unroll
  for (int k = 0; k < N; ++k) {
    for (int other = 1; other < kDown; ++other) sum[k] += sums[other][k][lane];
    mean.at[k] = from_float<T>(sum[k] / static_cast<float>(pixels));
  }
  mean.store(y + image * channels + c);
}

template <typename T>
class PoolGlobalCuda final : public Kernel {
 public:
  explicit PoolGlobalCuda(const Pool& op) : p_(op.p) {
    if ((p_.channels + kAcross - 1) / kAcross > 65535)
      throw Unsupported("pool/global takes no " + std::to_string(p_.channels) + " channels");
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    rows_align_16<T>(p_.channels) ? run<kVec16<T>>(stream, in, out) : run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const dim3 grid(blocks_for(p_.batch, 1), blocks_for(p_.channels / N, kAcross));
    assay::launch(pool_images<T, N>, grid, dim3(kAcross, kDown), 0, stream, static_cast<const T*>(in[0].data),
                  static_cast<T*>(out[0].data), p_.height * p_.width, p_.channels);
  }
  const Pool::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_pool_cuda_global(const Op& op, Lane&) {
  const auto& pool = op_cast<Pool>(op);
  if (!pool.global()) throw Unsupported("pool/global has no windows");
  return kernel_for(pool.p.type, "pool/global", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<PoolGlobalCuda<T>>(pool);
  });
}

}  // namespace assay
