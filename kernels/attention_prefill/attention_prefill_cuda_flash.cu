// SPDX-License-Identifier: Apache-2.0
// Flash attention on tensor cores, for f16 and bf16: scores live in a tile and are never written out. The
// place of a fragment's elements in its tile is the hardware's secret, so whatever is a row's own (maximum,
// sum, the factor that rescales the outputs) goes through a small tile in shared memory.
#include "device/cuda/dispatch.cuh"
#include "device/cuda/dynamic_shared.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/tensor_tile.cuh"
#include "kernels/attention_prefill/flash.cuh"

namespace assay {
namespace {

constexpr int kWarps = 4, kThreads = kWarps * kWarp;
constexpr int kQueries = kWarps * kTile;  // 16 a warp

/// Shared memory of a block; rows are padded by 16 bytes, which spreads a column over the banks.
template <typename T, int kDim>
struct FlashShared {
  static constexpr int kKeys = kDim <= 128 ? 64 : 32;
  static constexpr int kStride = kDim + 8, kScoreStride = kKeys + 4, kProbabilityStride = kKeys + 8;

  alignas(32) T q[kQueries * kStride];
  alignas(32) T k[kKeys * kStride];
  alignas(32) T v[kKeys * kStride];
  alignas(32) float scores[kWarps][kTile * kScoreStride];
  alignas(32) T probabilities[kWarps][kTile * kProbabilityStride];
  alignas(32) float factors[kWarps][kTile * kTile];
};

/// `rows` rows of one head, from the matrix to shared memory; those at `valid_rows` and beyond become zeros.
template <typename T, int kDim>
__device__ void copy_head(T* to, const T* from, std::int64_t row, int rows, std::int64_t valid_rows) {
  constexpr int kVectors = kDim / kVec16<T>;
  for (int i = static_cast<int>(threadIdx.x); i < rows * kVectors; i += kThreads) {
    const int r = i / kVectors, column = i % kVectors * kVec16<T>;
    const bool valid = r < valid_rows;
    copy_16_async(to + r * (kDim + 8) + column, from + (valid ? r : 0) * row + column, valid);
  }
  close_copies();
}

/// A tile with factor of row r all along row r. Lane 2 r and 2 r + 1 hold the factor of row r.
__device__ inline void spread_rows(TileC& tile, float* shared, float factor) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  __syncwarp();
  for (int i = 0; i < kTile / 2; ++i) shared[lane * (kTile / 2) + i] = factor;
  __syncwarp();
  tile.load(shared, kTile);
}

template <typename T, int kDim>
__global__ void __launch_bounds__(kThreads, kDim <= 128 ? 2 : 1) flash_tiles(FlashArgs<T> a) {
  using Shared = FlashShared<T, kDim>;
  constexpr int kKeys = Shared::kKeys, kStride = Shared::kStride, kScoreStride = Shared::kScoreStride;
  constexpr int kProbabilityStride = Shared::kProbabilityStride;
  Shared& shared = *dynamic_shared<Shared>();

  const int thread = static_cast<int>(threadIdx.x), lane = thread % kWarp, warp = thread / kWarp;
  const std::int64_t first_query = std::int64_t{gridDim.x - 1 - blockIdx.x} * kQueries;
  const int head = static_cast<int>(blockIdx.y), kv_head = head / (a.q_heads / a.kv_heads);
  const T* sequence = a.qkv + std::int64_t{blockIdx.z} * a.tokens * a.row();
  const T* keys = sequence + std::int64_t{a.q_heads + kv_head} * kDim;
  const T* values = keys + std::int64_t{a.kv_heads} * kDim;
  const std::int64_t last_key = a.last_key(min(first_query + kQueries, a.tokens) - 1);
  const std::int64_t first_key = a.first_key(first_query) / kKeys * kKeys;

  copy_head<T, kDim>(shared.q, sequence + first_query * a.row() + std::int64_t{head} * kDim, a.row(),
                     kQueries, a.tokens - first_query);
  copy_head<T, kDim>(shared.k, keys + first_key * a.row(), a.row(), kKeys, a.tokens - first_key);

  TileC out[kDim / kTile];
#pragma unroll
  for (TileC& tile : out) tile.clear();
  // Two lanes a query row: each keeps the row's maximum and sum, and works on every other four keys.
  const std::int64_t query = first_query + warp * kTile + lane / 2;
  float maximum = -INFINITY, sum = 0;
  float* scores = shared.scores[warp];
  T* probabilities = shared.probabilities[warp];

  for (std::int64_t base = first_key; base <= last_key; base += kKeys) {
    wait_for_copies();
    __syncthreads();  // keys are here, and nobody reads the old values any more
    copy_head<T, kDim>(shared.v, values + base * a.row(), a.row(), kKeys, a.tokens - base);

    TileC score[kKeys / kTile];
#pragma unroll
    for (TileC& tile : score) tile.clear();
#pragma unroll 4
    for (int d = 0; d < kDim; d += kTile) {
      TileA<T> q;
      q.load(shared.q + warp * kTile * kStride + d, kStride);
#pragma unroll
      for (int n = 0; n < kKeys / kTile; ++n) {
        TileB<T, true> k;
        k.load(shared.k + n * kTile * kStride + d, kStride);
        score[n].add_product(q, k);
      }
    }
#pragma unroll
    for (int n = 0; n < kKeys / kTile; ++n) score[n].store(scores + n * kTile, kScoreStride);
    __syncwarp();

    float mine[kKeys / 2], highest = maximum;
#pragma unroll
    for (int c = 0; c < kKeys / 2; c += 4) {
      const int column = 2 * c + lane % 2 * 4;
      const auto four = Vec<float, 4>::load(scores + lane / 2 * kScoreStride + column);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        mine[c + i] = a.score(four.at[i], query, base + column + i);
        highest = fmaxf(highest, mine[c + i]);
      }
    }
    highest = fmaxf(highest, __shfl_xor_sync(~0u, highest, 1));
    const float correction = exp2f(maximum - flash_anchor(highest));
    float added = 0;
#pragma unroll
    for (int c = 0; c < kKeys / 2; c += 4) {
      Vec<T, 4> four;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float p = exp2f(mine[c + i] - flash_anchor(highest));
        added += p;
        four.at[i] = from_float<T>(p);
      }
      four.store(probabilities + lane / 2 * kProbabilityStride + 2 * c + lane % 2 * 4);
    }
    sum = sum * correction + added + __shfl_xor_sync(~0u, added, 1);
    maximum = highest;

    TileC factor;
    spread_rows(factor, shared.factors[warp], correction);
#pragma unroll
    for (TileC& tile : out) tile.times(factor);

    wait_for_copies();
    __syncthreads();  // values are here, and nobody reads the old keys any more
    if (base + kKeys <= last_key)
      copy_head<T, kDim>(shared.k, keys + (base + kKeys) * a.row(), a.row(), kKeys, a.tokens - base - kKeys);
#pragma unroll 1  // fewer fragments at once: heads of 256 would spill
    for (int n = 0; n < kKeys; n += kTile) {
      TileA<T> p;
      p.load(probabilities + n, kProbabilityStride);
#pragma unroll
      for (int d = 0; d < kDim / kTile; ++d) {
        TileB<T, false> v;
        v.load(shared.v + n * kStride + d * kTile, kStride);
        out[d].add_product(p, v);
      }
    }
  }

  TileC factor;
  spread_rows(factor, shared.factors[warp], 1 / sum);
  T* y = a.y + ((std::int64_t{blockIdx.z} * a.tokens + query) * a.q_heads + head) * kDim;
#pragma unroll
  for (int d = 0; d < kDim / kTile; ++d) {
    out[d].times(factor);
    __syncwarp();
    out[d].store(scores, kScoreStride);
    __syncwarp();
    const int column = lane % 2 * 8;
    Vec<T, 8> eight;
#pragma unroll
    for (int i = 0; i < 8; ++i) eight.at[i] = from_float<T>(scores[lane / 2 * kScoreStride + column + i]);
    if (query < a.tokens) eight.store(y + d * kTile + column);
  }
}

template <typename T, int kDim>
class FlashCuda final : public Kernel {
 public:
  explicit FlashCuda(const AttentionPrefill& op) : op_(op) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    assay::launch(flash_tiles<T, kDim>, flash_grid(op_, kQueries), kThreads, sizeof(FlashShared<T, kDim>),
                  stream, flash_args<T>(op_, in, out));
  }

 private:
  const AttentionPrefill op_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_prefill_cuda_flash(const Op& op, Lane&) {
  const auto& prefill = op_cast<AttentionPrefill>(op);
  if (prefill.p.q_heads > 65535 || prefill.p.sequences > 65535)
    throw Unsupported("attention_prefill/flash takes up to 65535 heads and sequences");
  const auto choose = [&]<typename T>() -> std::unique_ptr<Kernel> {
    switch (prefill.p.head_dim) {
      case 64: return std::make_unique<FlashCuda<T, 64>>(prefill);
      case 80: return std::make_unique<FlashCuda<T, 80>>(prefill);
      case 96: return std::make_unique<FlashCuda<T, 96>>(prefill);
      case 128: return std::make_unique<FlashCuda<T, 128>>(prefill);
      case 256: return std::make_unique<FlashCuda<T, 256>>(prefill);
      default:
        throw Unsupported("attention_prefill/flash takes heads of 64, 80, 96, 128 and 256, not " +
                          std::to_string(prefill.p.head_dim));
    }
  };
  if (prefill.p.type == DType::f16) return choose.template operator()<__half>();
  if (prefill.p.type == DType::bf16) return choose.template operator()<__nv_bfloat16>();
  throw Unsupported("attention_prefill/flash takes f16 and bf16, not " + std::string(name(prefill.p.type)));
}

}  // namespace assay
