// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/rope/rope.h"

namespace assay {
namespace {

constexpr int kThreads = 256;

template <int kNorm, typename T>
__device__ float gain_of(T weight) {
  return kNorm == 2 ? to_float(weight) + 1 : to_float(weight);
}

// Threads x of a block share a head (a power of two of them, at most a warp, so that shuffles reduce a head);
// threads y take heads. A thread owns the same pairs in every head it visits, which keeps its cosines in
// registers when its N pairs are all it has. In place without a barrier: nobody else touches a thread's
// pairs. kNorm: 0 none, 1 by the weights, 2 by the weights + 1.
template <typename T, int N, int kNorm>
__global__ void __launch_bounds__(kThreads)
    rotate_heads(T* __restrict__ qkv,                         // [tokens, row]
                 const std::int32_t* __restrict__ positions,  // [tokens]
                 const float* __restrict__ table,             // [positions, half, 2]: cos, sin
                 const T* __restrict__ q_norm, const T* __restrict__ k_norm,  // [2 half], with kNorm
                 int q_heads, int kv_heads, int half, float eps) {
  start_early();
  const std::int64_t token = blockIdx.x;
  const float* turns = table + std::int64_t{positions[token]} * half * 2;
  T* row = qkv + token * (std::int64_t{q_heads + 2 * kv_heads} * 2 * half);
  const int heads = q_heads + kv_heads;
  const int share = static_cast<int>(blockDim.x);

  // All threads make the same number of rounds: the shuffles need whole warps.
  for (int base = static_cast<int>(blockIdx.y * blockDim.y); base < heads;
       base += static_cast<int>(blockDim.y * gridDim.y)) {
    const int head = base + static_cast<int>(threadIdx.y);
    const bool active = head < heads;
    T* low = row + std::int64_t{active ? head : 0} * 2 * half;
    T* high = low + half;
    float inv_rms = 1;
    if constexpr (kNorm > 0) {
      float sum = 0;
      for (int i = static_cast<int>(threadIdx.x) * N; active && i < half; i += share * N) {
        const auto a = Vec<T, N>::load(low + i), b = Vec<T, N>::load(high + i);
#pragma unroll
        for (int j = 0; j < N; ++j)
          sum += to_float(a.at[j]) * to_float(a.at[j]) + to_float(b.at[j]) * to_float(b.at[j]);
      }
      for (int step = share / 2; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
      inv_rms = rsqrtf(sum / static_cast<float>(2 * half) + eps);
    }
    if (!active) continue;
    const T* weight = head < q_heads ? q_norm : k_norm;
    for (int i = static_cast<int>(threadIdx.x) * N; i < half; i += share * N) {
      const auto turn = Vec<float2, N>::load(reinterpret_cast<const float2*>(turns) + i);
      auto a = Vec<T, N>::load(low + i), b = Vec<T, N>::load(high + i);
#pragma unroll
      for (int j = 0; j < N; ++j) {
        float x = to_float(a.at[j]), y = to_float(b.at[j]);
        if constexpr (kNorm > 0) {
          x *= inv_rms * gain_of<kNorm>(weight[i + j]);
          y *= inv_rms * gain_of<kNorm>(weight[half + i + j]);
        }
        a.at[j] = from_float<T>(x * turn.at[j].x - y * turn.at[j].y);
        b.at[j] = from_float<T>(y * turn.at[j].x + x * turn.at[j].y);
      }
      a.store(low + i);
      b.store(high + i);
    }
  }
}

template <typename T>
class RopeCuda final : public Kernel {
 public:
  explicit RopeCuda(const Rope& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const bool vector = rows_align_16<T>(p_.head_dim / 2);
    if (!p_.qk_norm)
      vector ? run<kVec16<T>, 0>(stream, in, out) : run<1, 0>(stream, in, out);
    else if (p_.norm_offset == 0)
      vector ? run<kVec16<T>, 1>(stream, in, out) : run<1, 1>(stream, in, out);
    else
      vector ? run<kVec16<T>, 2>(stream, in, out) : run<1, 2>(stream, in, out);
  }

 private:
  template <int N, int kNorm>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    constexpr std::int64_t kFullGrid = 512;  // tokens that fill any GPU with a block each
    const std::int64_t half = p_.head_dim / 2, heads = p_.q_heads + p_.kv_heads;
    const auto share = std::min<unsigned>(kWarp, std::bit_ceil(static_cast<unsigned>(half / N)));
    // A whole number of warps, and no more threads than there is work.
    const unsigned heads_a_block = std::min<unsigned>(
        kThreads / share, std::max<unsigned>(kWarp / share, std::bit_ceil(static_cast<unsigned>(heads))));
    const dim3 grid(blocks_for(p_.tokens, 1), p_.tokens < kFullGrid ? blocks_for(heads, heads_a_block) : 1);
    assay::launch_early(rotate_heads<T, N, kNorm>, grid, dim3(share, heads_a_block), 0, stream,
                        static_cast<T*>(out[0].data), static_cast<const std::int32_t*>(in[1].data),
                        static_cast<const float*>(in[2].data),
                        kNorm > 0 ? static_cast<const T*>(in[3].data) : nullptr,
                        kNorm > 0 ? static_cast<const T*>(in[4].data) : nullptr, static_cast<int>(p_.q_heads),
                        static_cast<int>(p_.kv_heads), static_cast<int>(half), p_.eps);
  }
  const Rope::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_rope_cuda(const Op& op, Lane&) {
  const auto& rope = op_cast<Rope>(op);
  if (rope.p.norm_offset != 0 && rope.p.norm_offset != 1)
    throw Unsupported("rope/in_place: norms are stored as they are, or as one less");
  return kernel_for(rope.p.type, "rope/in_place", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<RopeCuda<T>>(rope);
  });
}

}  // namespace assay
