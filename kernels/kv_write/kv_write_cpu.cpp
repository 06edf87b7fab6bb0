// SPDX-License-Identifier: Apache-2.0
// Copies of head_dim elements into the paged cache: memcpy is the vector code.
#include <cstring>

#include "kernels/elements_cpu.h"
#include "kernels/kv_write/kv_write.h"
#include "plan/kernel.h"

namespace assay {
namespace cpu {
namespace {

class KvWriteKernel final : public Kernel {
 public:
  explicit KvWriteKernel(const KvWrite& op)
      : p_(op.p), row_(op.row()), bytes_(op.cost().all_paths().both()) {}

  void launch(Stream&, Buffers in, Buffers out) override {
    const auto* qkv = static_cast<const char*>(in[0].data);
    const std::int32_t* positions = in[1].as<const std::int32_t>().data();  // [tokens]
    const std::int32_t* table = in[2].as<const std::int32_t>().data();      // [sequences, blocks a sequence]
    auto *k_cache = static_cast<char*>(out[0].data), *v_cache = static_cast<char*>(out[1].data);

    const KvCache& cache = p_.cache;
    const std::int64_t bytes = bytes_of(cache.type), tokens_each = p_.tokens / cache.sequences;
    const auto head_bytes = static_cast<std::size_t>(cache.head_dim * bytes);
    parallel_ranges(p_.tokens, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t r = begin; r < end; ++r) {
        const std::int64_t token = positions[r];
        const std::int64_t block =
            table[r / tokens_each * cache.blocks_per_sequence() + token / KvCache::kBlockTokens];
        const char* k = qkv + (r * row_ + p_.q_heads * cache.head_dim) * bytes;
        const char* v = k + cache.kv_heads * cache.head_dim * bytes;
        for (std::int64_t h = 0; h < cache.kv_heads; ++h) {
          const std::int64_t to = cache.offset(block, h, token) * bytes, from = h * cache.head_dim * bytes;
          std::memcpy(k_cache + to, k + from, head_bytes);
          std::memcpy(v_cache + to, v + from, head_bytes);
        }
      }
    });
  }

 private:
  const KvWrite::Params p_;
  const std::int64_t row_;
  const double bytes_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Kernel> make_kv_write_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "kv_write");
  return std::make_unique<cpu::KvWriteKernel>(op_cast<KvWrite>(op));
}

}  // namespace assay
