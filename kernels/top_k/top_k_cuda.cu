// SPDX-License-Identifier: Apache-2.0
// A block a row. A logit and its class make one integer, so that the next best is the largest integer below
// the last one: k walks over a row that stays in the first-level cache, and no sort. For few k.
#include "device/cuda/dispatch.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/sample/logits.cuh"
#include "kernels/top_k/top_k.h"

namespace assay {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarp;

/// Orders by logit; among equals the lowest class is the largest. Never 0.
__device__ inline Mass ranked(float logit, std::int64_t c) {
  return Mass{logit_key(logit)} << 32 | (0xffffffffu - static_cast<std::uint32_t>(c));
}

/// Of all threads of the block, which must all call it.
__device__ inline Mass block_largest(Mass value, Mass* scratch) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
#pragma unroll
  for (int step = kWarp / 2; step > 0; step /= 2) value = max(value, __shfl_xor_sync(~0u, value, step));
  __syncthreads();
  if (lane == 0) scratch[warp] = value;
  __syncthreads();
  value = scratch[0];
#pragma unroll
  for (int w = 1; w < kWarps; ++w) value = max(value, scratch[w]);
  return value;
}

template <typename T>
__global__ void __launch_bounds__(kThreads) top_k_rows(const T* __restrict__ logits,        // [rows, classes]
                                                       float* __restrict__ probabilities,   // [rows, k]
                                                       std::int32_t* __restrict__ classes,  // [rows, k]
                                                       std::int64_t columns, std::int64_t k) {
  __shared__ Mass best_of[kWarps];
  __shared__ float sums[kWarp];
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t row = blockIdx.x;
  logits += row * columns;
  const auto best_below = [&](Mass last) {
    Mass mine = 0;
    each_logit(logits, 0, columns, thread, kThreads, [&](std::int64_t c, float logit) {
      const Mass candidate = ranked(logit, c);
      if (candidate < last && candidate > mine) mine = candidate;
    });
    return block_largest(mine, best_of);
  };

  Mass best = best_below(~Mass{0});
  const float largest = logit_of(static_cast<std::uint32_t>(best >> 32));
  float sum = 0;
  each_logit(logits, 0, columns, thread, kThreads,
             [&](std::int64_t, float logit) { sum += expf(logit - largest); });
  sum = block_sum(sum, sums);
  for (std::int64_t i = 0;; best = best_below(best)) {
    if (thread == 0) {
      probabilities[row * k + i] = expf(logit_of(static_cast<std::uint32_t>(best >> 32)) - largest) / sum;
      classes[row * k + i] = static_cast<std::int32_t>(0xffffffffu - static_cast<std::uint32_t>(best));
    }
    if (++i == k) return;
  }
}

template <typename T>
class TopKCuda final : public Kernel {
 public:
  explicit TopKCuda(const TopK& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    assay::launch(top_k_rows<T>, blocks_for(p_.rows, 1), kThreads, 0, stream,
                  static_cast<const T*>(in[0].data), static_cast<float*>(out[0].data),
                  static_cast<std::int32_t*>(out[1].data), p_.classes, p_.k);
  }

 private:
  const TopK::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_top_k_cuda(const Op& op, Lane&) {
  const auto& top_k = op_cast<TopK>(op);
  return kernel_for(top_k.p.type, "top_k/walks", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<TopKCuda<T>>(top_k);
  });
}

}  // namespace assay
