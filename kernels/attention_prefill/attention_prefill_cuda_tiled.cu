// SPDX-License-Identifier: Apache-2.0
// Flash attention without tensor cores: every product in f32, for f32 and for heads of any size up to 256.
#include "device/cuda/dispatch.cuh"
#include "device/cuda/dynamic_shared.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/attention_prefill/flash.cuh"

namespace assay {
namespace {

constexpr int kAcross = 16, kDown = 16, kThreads = kAcross * kDown;
constexpr int kRows = 2, kQueries = kRows * kDown;       // queries a thread, a block
constexpr int kColumns = 2, kKeys = kColumns * kAcross;  // keys a thread, a tile

constexpr std::size_t shared_bytes(std::int64_t head_dim) {
  const std::int64_t floats = (kQueries + kKeys) * (head_dim + 1) + kQueries * (kKeys + 1);
  return static_cast<std::size_t>(floats) * sizeof(float);
}

/// Rows of one head as f32, head_dim + 1 apart, so that a column lies in all banks; rows past the end are
/// zeros.
template <typename T>
__device__ void load_head(float* to, const T* from, std::int64_t row, int rows, std::int64_t valid_rows,
                          int head_dim) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int r = thread / kAcross; r < rows; r += kDown)
    for (int d = thread % kAcross; d < head_dim; d += kAcross)
      to[r * (head_dim + 1) + d] = r < valid_rows ? to_float(from[r * row + d]) : 0.0f;
}

__device__ inline float across_max(float value) {
  for (int step = kAcross / 2; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
  return value;
}
__device__ inline float across_sum(float value) {
  for (int step = kAcross / 2; step > 0; step /= 2) value += __shfl_xor_sync(~0u, value, step);
  return value;
}

// Thread (x, y) of 16 x 16 owns queries 2 y and 2 y + 1, keys x and x + 16, and outputs x, x + 16, ... of its
// queries; the 16 threads of a query row are half a warp.
template <typename T, int kSlots>  // kSlots: outputs of a query in a thread, at least head_dim / 16
__global__ void __launch_bounds__(kThreads, 2) tiled_attention(FlashArgs<T> a) {
  const int stride = a.head_dim + 1;
  float* q = dynamic_shared<float>();          // [kQueries, stride]
  float* kv = q + kQueries * stride;           // [kKeys, stride]: keys, then values
  float* probabilities = kv + kKeys * stride;  // [kQueries, kKeys + 1]

  const int x = static_cast<int>(threadIdx.x) % kAcross, y = static_cast<int>(threadIdx.x) / kAcross;
  const std::int64_t first_query = std::int64_t{gridDim.x - 1 - blockIdx.x} * kQueries;
  const int head = static_cast<int>(blockIdx.y), kv_head = head / (a.q_heads / a.kv_heads);
  const T* sequence = a.qkv + std::int64_t{blockIdx.z} * a.tokens * a.row();
  const T* keys = sequence + std::int64_t{a.q_heads + kv_head} * a.head_dim;
  const T* values = keys + std::int64_t{a.kv_heads} * a.head_dim;
  const std::int64_t last_key = a.last_key(min(first_query + kQueries, a.tokens) - 1);
  load_head(q, sequence + first_query * a.row() + std::int64_t{head} * a.head_dim, a.row(), kQueries,
            a.tokens - first_query, a.head_dim);

  float out[kRows][kSlots] = {}, maximum[kRows], sum[kRows] = {};
#pragma unroll
  for (float& m : maximum) m = -INFINITY;
  for (std::int64_t base = a.first_key(first_query) / kKeys * kKeys; base <= last_key; base += kKeys) {
    __syncthreads();  // nobody reads the old values any more
    load_head(kv, keys + base * a.row(), a.row(), kKeys, a.tokens - base, a.head_dim);
    __syncthreads();
    float dot[kRows][kColumns] = {};
    for (int d = 0; d < a.head_dim; ++d)
#pragma unroll
      for (int r = 0; r < kRows; ++r)
#pragma unroll
        for (int c = 0; c < kColumns; ++c)
          dot[r][c] = fmaf(q[(y * kRows + r) * stride + d], kv[(x + c * kAcross) * stride + d], dot[r][c]);
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      float highest = maximum[r], added = 0;
#pragma unroll
      for (int c = 0; c < kColumns; ++c) {
        dot[r][c] = a.score(dot[r][c], first_query + y * kRows + r, base + x + c * kAcross);
        highest = fmaxf(highest, dot[r][c]);
      }
      highest = across_max(highest);
      const float correction = exp2f(maximum[r] - flash_anchor(highest));
#pragma unroll
      for (int c = 0; c < kColumns; ++c) {
        const float p = exp2f(dot[r][c] - flash_anchor(highest));
        added += p;
        probabilities[(y * kRows + r) * (kKeys + 1) + x + c * kAcross] = p;
      }
      sum[r] = sum[r] * correction + across_sum(added);
      maximum[r] = highest;
#pragma unroll
      for (int i = 0; i < kSlots; ++i) out[r][i] *= correction;
    }
    __syncthreads();  // the keys are used up, the probabilities are there
    load_head(kv, values + base * a.row(), a.row(), kKeys, a.tokens - base, a.head_dim);
    __syncthreads();
    for (int key = 0; key < kKeys; ++key)
#pragma unroll
      for (int i = 0; i < kSlots; ++i) {
        const int d = x + i * kAcross;
        const float value = d < a.head_dim ? kv[key * stride + d] : 0.0f;
#pragma unroll
        for (int r = 0; r < kRows; ++r)
          out[r][i] = fmaf(probabilities[(y * kRows + r) * (kKeys + 1) + key], value, out[r][i]);
      }
  }

#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const std::int64_t query = first_query + y * kRows + r;
    if (query >= a.tokens) continue;
    T* to = a.y + ((std::int64_t{blockIdx.z} * a.tokens + query) * a.q_heads + head) * a.head_dim;
#pragma unroll
    for (int i = 0; i < kSlots; ++i)
      if (const int d = x + i * kAcross; d < a.head_dim) to[d] = from_float<T>(out[r][i] / sum[r]);
  }
}

template <typename T>
class TiledAttentionCuda final : public Kernel {
 public:
  explicit TiledAttentionCuda(const AttentionPrefill& op) : op_(op) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (op_.p.head_dim <= 4 * kAcross) return run<4>(stream, in, out);
    if (op_.p.head_dim <= 8 * kAcross) return run<8>(stream, in, out);
    run<16>(stream, in, out);
  }

 private:
  template <int kSlots>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    assay::launch(tiled_attention<T, kSlots>, flash_grid(op_, kQueries), kThreads,
                  shared_bytes(op_.p.head_dim), stream, flash_args<T>(op_, in, out));
  }
  const AttentionPrefill op_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_prefill_cuda_tiled(const Op& op, Lane&) {
  const auto& prefill = op_cast<AttentionPrefill>(op);
  if (prefill.p.head_dim > 16 * kAcross)
    throw Unsupported("attention_prefill/tiled takes heads of up to 256, not " +
                      std::to_string(prefill.p.head_dim));
  if (prefill.p.q_heads > 65535 || prefill.p.sequences > 65535)
    throw Unsupported("attention_prefill/tiled takes up to 65535 heads and sequences");
  return kernel_for(prefill.p.type, "attention_prefill/tiled", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<TiledAttentionCuda<T>>(prefill);
  });
}

}  // namespace assay
