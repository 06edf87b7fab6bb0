// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/kv_write/kv_write.h"

namespace assay {
namespace {

constexpr int kThreads = 256;

// A copy, so the element type is only its size: `Unit` is 16 bytes where a head is a multiple of that. A
// block takes one token (x) and a stretch of its key and value heads (y), which lie side by side in the qkv
// row.
template <typename Unit>
__global__ void __launch_bounds__(kThreads)
    append_tokens(const Unit* __restrict__ qkv,  // [tokens, (q_heads + 2 kv_heads) * head_units]
                  const std::int32_t* __restrict__ positions,  // [tokens]
                  const std::int32_t* __restrict__ table,      // [sequences, blocks_per_sequence]
                  Unit* __restrict__ k_cache, Unit* __restrict__ v_cache, std::int64_t tokens_per_sequence,
                  std::int64_t blocks_per_sequence, int q_heads, int kv_heads, int head_units) {
  start_early();
  const int unit = static_cast<int>(blockIdx.y * blockDim.x + threadIdx.x);
  if (unit >= 2 * kv_heads * head_units) return;
  const std::int64_t token = blockIdx.x;
  const std::int64_t position = positions[token];
  const std::int64_t block =
      table[token / tokens_per_sequence * blocks_per_sequence + position / KvCache::kBlockTokens];

  const int head = unit / head_units, within = unit % head_units;
  const bool is_value = head >= kv_heads;
  const std::int64_t cache_row =
      (block * kv_heads + (is_value ? head - kv_heads : head)) * KvCache::kBlockTokens +
      position % KvCache::kBlockTokens;
  const std::int64_t row = std::int64_t{q_heads + 2 * kv_heads} * head_units;
  (is_value ? v_cache : k_cache)[cache_row * head_units + within] =
      qkv[token * row + std::int64_t{q_heads} * head_units + unit];
}

template <typename Unit>
class KvWriteCuda final : public Kernel {
 public:
  explicit KvWriteCuda(const KvWrite& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const auto& cache = p_.cache;
    const std::int64_t head_units =
        cache.head_dim * bytes_of(cache.type) / static_cast<std::int64_t>(sizeof(Unit));
    const dim3 grid(blocks_for(p_.tokens, 1), blocks_for(2 * cache.kv_heads * head_units, kThreads));
    assay::launch_early(append_tokens<Unit>, grid, kThreads, 0, stream, static_cast<const Unit*>(in[0].data),
                        static_cast<const std::int32_t*>(in[1].data),
                        static_cast<const std::int32_t*>(in[2].data), static_cast<Unit*>(out[0].data),
                        static_cast<Unit*>(out[1].data), p_.tokens / cache.sequences,
                        cache.blocks_per_sequence(), static_cast<int>(p_.q_heads),
                        static_cast<int>(cache.kv_heads), static_cast<int>(head_units));
  }

 private:
  const KvWrite::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_kv_write_cuda(const Op& op, Lane&) {
  const auto& kv_write = op_cast<KvWrite>(op);
  const std::int64_t element_bytes = bytes_of(kv_write.p.cache.type);
  if (kv_write.p.cache.head_dim * element_bytes % 16 == 0)
    return std::make_unique<KvWriteCuda<uint4>>(kv_write);
  if (element_bytes == 4) return std::make_unique<KvWriteCuda<std::uint32_t>>(kv_write);
  if (element_bytes == 2) return std::make_unique<KvWriteCuda<std::uint16_t>>(kv_write);
  throw Unsupported("kv_write/paged takes elements of 2 or 4 bytes, not " +
                    std::string(name(kv_write.p.cache.type)));
}

}  // namespace assay
