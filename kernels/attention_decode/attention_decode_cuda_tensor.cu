// SPDX-License-Identifier: Apache-2.0
// Flash-decoding on tensor cores: as attention_decode_cuda.cu divides contexts, but a warp takes a block of
// the cache's 16 tokens at a time, and the products of up to 8 query heads with it are matrix products,
//   scores^T [16 tokens, 8 heads] = K [16, dim] Q^T [dim, 8]   and   y^T [dim, 8] += V^T [dim, 16] P^T [16,
//   8].
// Multiplying lane by lane costs more instructions than the bytes of the cache take time (on an H100 it
// reached 75 % of the memory's bandwidth), these a tenth.
//
// What matrix rows and columns mean is ours to choose, as long as both factors agree: dims are numbered so
// that every lane reads 16 neighbouring bytes, from global memory straight into the registers of a fragment
// (warp_mma.cuh).
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/warp_mma.cuh"
#include "kernels/attention_decode/decode_kernel.cuh"

namespace assay {
namespace {

constexpr int kHeads = 8;  // columns of a matrix
static_assert(KvCache::kBlockTokens == 16);

constexpr int blocks_at_once(int dim) {
  return dim <= 128 ? 3 : 2;
}

/// 8 elements, as pairs.
struct Eight {
  std::uint32_t pair[4];

  template <typename T>
  __device__ static Eight load(const T* from, bool valid) {
    const uint4 bits = valid ? *reinterpret_cast<const uint4*>(from) : uint4{0, 0, 0, 0};
    return {{bits.x, bits.y, bits.z, bits.w}};
  }
};

template <typename T, int kDim>
__global__ void __launch_bounds__(kDecodeThreads, blocks_at_once(kDim)) decode_tensor(DecodeArgs<T> a) {
  start_early();
  constexpr int kParts = kDim / 32;   // of a key: 8 elements in each lane of a quad
  constexpr int kHalves = kDim / 64;  // of a value: 8 elements in every fourth lane
  constexpr int kAccFloats = kDecodeWarps * kHeads * kDim, kWeightFloats = kHeads * kMaxSplits;
  __shared__ float
      shared[kAccFloats > kWeightFloats ? kAccFloats : kWeightFloats];  // outputs a warp, then weights
  __shared__ float warp_max_of[kDecodeWarps][kHeads], warp_sum_of[kDecodeWarps][kHeads];

  const int split = static_cast<int>(blockIdx.x);
  const int kv_head = static_cast<int>(blockIdx.y) / a.chunks,
            chunk = static_cast<int>(blockIdx.y) % a.chunks;
  const std::int64_t sequence = blockIdx.z;
  const SplitRange range(a.positions[sequence], a.window, a.splits);
  if (split >= range.active) return;

  const int group_heads = a.q_heads / a.kv_heads;
  const int heads = min(kHeads, group_heads - chunk * kHeads);
  const int first_head = kv_head * group_heads + chunk * kHeads;
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const int g = lane / 4, q = lane % 4;  // as warp_mma.cuh names them

  // Q^T: of head g, dims 32 part + 8 q + 0..7 are the rows 2q, 2q+1, 2q+8, 2q+9 of two products.
  Eight query[kParts];
  const std::int64_t row = std::int64_t{a.q_heads + 2 * a.kv_heads} * kDim;
#pragma unroll
  for (int part = 0; part < kParts; ++part)
    query[part] = Eight::load(
        a.qkv + sequence * row + std::int64_t{first_head + g} * kDim + part * 32 + q * 8, g < heads);

  float acc[kDim / 16][4] = {};               // y^T: of tile t, see the values below
  float maximum[2] = {-INFINITY, -INFINITY};  // of heads 2q, 2q+1; the same in all lanes of a column
  float sum[2] = {};                          // of this lane's tokens
  const std::int64_t from = range.base + split * range.each;
  const std::int64_t to = from + range.each < range.end ? from + range.each : range.end;
  for (std::int64_t first = from + warp * KvCache::kBlockTokens; first < to;
       first += kDecodeWarps * KvCache::kBlockTokens) {
    const std::int64_t block = a.table[sequence * a.blocks_per_sequence + first / KvCache::kBlockTokens];
    const std::int64_t at = (block * a.kv_heads + kv_head) * KvCache::kBlockTokens * kDim;
    const auto attended = [&](int token) { return first + token >= range.begin && first + token < to; };

    Eight key[2][kParts];  // of tokens g and g+8
#pragma unroll
    for (int half = 0; half < 2; ++half)
#pragma unroll
      for (int part = 0; part < kParts; ++part)
        key[half][part] =
            Eight::load(a.k_cache + at + (g + 8 * half) * kDim + part * 32 + q * 8, attended(g + 8 * half));
    // Of tokens 2q, 2q+1, 2q+8, 2q+9. One that is not attended may hold anything, a NaN too: zero times it is
    // none.
    Eight value[4][kHalves];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int token = 2 * q + i % 2 + i / 2 * 8;
#pragma unroll
      for (int half = 0; half < kHalves; ++half)
        value[i][half] = Eight::load(a.v_cache + at + token * kDim + half * 64 + g * 8, attended(token));
    }

    float score[4] = {};  // tokens g, g, g+8, g+8 of heads 2q, 2q+1, 2q, 2q+1
#pragma unroll
    for (int part = 0; part < kParts; ++part)
#pragma unroll
      for (int step = 0; step < 2; ++step) {
        const std::uint32_t keys[4] = {key[0][part].pair[2 * step], key[1][part].pair[2 * step],
                                       key[0][part].pair[2 * step + 1], key[1][part].pair[2 * step + 1]};
        const std::uint32_t queries[2] = {query[part].pair[2 * step], query[part].pair[2 * step + 1]};
        multiply_16x8x16<T>(score, keys, queries);
      }

    float highest[2] = {maximum[0], maximum[1]};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      score[i] *= a.scale;
      if (a.softcap > 0) score[i] = a.softcap * tanhf(score[i] / a.softcap);
      if (!attended(g + i / 2 * 8)) score[i] = -INFINITY;
      highest[i % 2] = fmaxf(highest[i % 2], score[i]);
    }
#pragma unroll
    for (int step = 4; step < kWarp; step *= 2)
#pragma unroll
      for (int h = 0; h < 2; ++h) highest[h] = fmaxf(highest[h], __shfl_xor_sync(~0u, highest[h], step));
    float correction[2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      correction[h] = exp2f(maximum[h] - anchor(highest[h]));
      maximum[h] = highest[h];
      sum[h] *= correction[h];
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      score[i] = exp2f(score[i] - anchor(maximum[i % 2]));
      sum[i % 2] += score[i];
    }
    const std::uint32_t probabilities[2] = {transposed_8x8(pack_pair<T>(score[0], score[1])),
                                            transposed_8x8(pack_pair<T>(score[2], score[3]))};

    // V^T: the rows g and g+8 of tile 4 half + i are dims 64 half + 8 g + 2 i and the one after.
#pragma unroll
    for (int half = 0; half < kHalves; ++half)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const std::uint32_t values[4] = {lower_elements(value[0][half].pair[i], value[1][half].pair[i]),
                                         upper_elements(value[0][half].pair[i], value[1][half].pair[i]),
                                         lower_elements(value[2][half].pair[i], value[3][half].pair[i]),
                                         upper_elements(value[2][half].pair[i], value[3][half].pair[i])};
        float(&tile)[4] = acc[4 * half + i];
#pragma unroll
        for (int j = 0; j < 4; ++j) tile[j] *= correction[j % 2];
        multiply_16x8x16<T>(tile, values, probabilities);
      }
  }

#pragma unroll
  for (int step = 4; step < kWarp; step *= 2)
#pragma unroll
    for (int h = 0; h < 2; ++h) sum[h] += __shfl_xor_sync(~0u, sum[h], step);
  if (g == 0)
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      warp_max_of[warp][2 * q + h] = maximum[h];
      warp_sum_of[warp][2 * q + h] = sum[h];
    }
#pragma unroll
  for (int half = 0; half < kHalves; ++half)
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j = 0; j < 4; ++j)
        shared[(warp * kHeads + 2 * q + j % 2) * kDim + half * 64 + g * 8 + 2 * i + j / 2] =
            acc[4 * half + i][j];
  __syncthreads();
  finish_block<T, kHeads, true, kDim>(a, range, sequence, first_head, heads, shared, warp_max_of,
                                      warp_sum_of);
}

template <typename T>
class AttentionDecodeTensor final : public DecodeKernel<T> {
 public:
  AttentionDecodeTensor(const AttentionDecode& op, Lane& lane)
      : DecodeKernel<T>(op), dim_(op.p.cache.head_dim) {
    this->divide(lane, kHeads, blocks_at_once(static_cast<int>(dim_)));
  }
  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (dim_ == 64) return this->start(decode_tensor<T, 64>, stream, in, out);
    if (dim_ == 128) return this->start(decode_tensor<T, 128>, stream, in, out);
    this->start(decode_tensor<T, 256>, stream, in, out);
  }

 private:
  const std::int64_t dim_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_decode_cuda_tensor(const Op& op, Lane& lane) {
  const auto& decode = op_cast<AttentionDecode>(op);
  const std::int64_t dim = decode.p.cache.head_dim;
  if (dim != 64 && dim != 128 && dim != 256)
    throw Unsupported("attention_decode/paged_tensor takes heads of 64, 128 and 256, not " +
                      std::to_string(dim));
  require_decode_grid(decode, "attention_decode/paged_tensor");
  switch (decode.p.cache.type) {
    case DType::f16: return std::make_unique<AttentionDecodeTensor<__half>>(decode, lane);
    case DType::bf16: return std::make_unique<AttentionDecodeTensor<__nv_bfloat16>>(decode, lane);
    default:
      throw Unsupported("attention_decode/paged_tensor takes f16 and bf16, not " +
                        std::string(name(decode.p.cache.type)));
  }
}

}  // namespace assay
