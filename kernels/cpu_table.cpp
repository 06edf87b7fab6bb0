// SPDX-License-Identifier: Apache-2.0
// The CPU's kernels: a declaration and a line each. Several may serve one op; the runner measures which is
// fastest.
#include <memory>
#include <vector>

#include "device/cpu/cpu_device.h"
#include "plan/kernel.h"

namespace assay {

std::unique_ptr<Kernel> make_matmul_onednn(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_matmul_widened(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_matmul_rows(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_copy_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_embedding_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_embedding_bag_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_rmsnorm_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_layernorm_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_rope_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_kv_write_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_prefill_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_decode_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_gated_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_interaction_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_cross_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_concat_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_sample_cpu(const Op& op, Lane& lane);

KernelTable cpu_kernels() {
  static const std::vector<KernelEntry> table = {
      {"matmul", "onednn", "oneDNN matmul, plain weights, epilogue as post-ops", make_matmul_onednn},
      {"matmul", "widened", "blocked f32 matmul, bf16 and f16 widened into cache", make_matmul_widened},
      {"matmul", "rows", "few rows of x: weights streamed once, widened in registers", make_matmul_rows},
      {"copy", "threads", "a part for each thread", make_copy_cpu},
      {"embedding", "simd", "rows copied, or scaled and added in vectors", make_embedding_cpu},
      {"embedding_bag", "prefetch", "sums in registers, rows fetched some way ahead", make_embedding_bag_cpu},
      {"rmsnorm", "simd", "residual fused, two passes over a row", make_rmsnorm_cpu},
      {"layernorm", "simd", "residual fused, three passes over a row", make_layernorm_cpu},
      {"rope", "simd", "in place, head norm fused", make_rope_cpu},
      {"kv_write", "copy", "memcpy of each head", make_kv_write_cpu},
      {"attention_prefill", "flash", "f32 tiles with a running softmax", make_attention_prefill_cpu},
      {"attention_decode", "paged", "each key and value read once, the context split over threads",
       make_attention_decode_cpu},
      {"gated", "simd", "vectorised activations", make_gated_cpu},
      {"interaction", "simd",
       "four vectors of a row against four before them at a time, the next row fetched",
       make_interaction_cpu},
      {"cross", "simd", "one pass over runs of elements", make_cross_cpu},
      {"concat", "copy", "memcpy of each row", make_concat_cpu},
      {"sample", "buckets", "vectorised argmax; a draw sorts one bucket of logits", make_sample_cpu},
  };
  return table;
}

}  // namespace assay
