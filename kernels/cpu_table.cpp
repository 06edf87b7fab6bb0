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
std::unique_ptr<Kernel> make_conv2d_onednn(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_direct(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_winograd(const Op& op, Lane& lane);
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
std::unique_ptr<Kernel> make_jpeg_decode_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_resize_normalise_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_pool_cpu_windows(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_pool_cpu_global(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_upsample_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_tokens_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_top_k_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_box_decode_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_nms_cpu(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_sample_cpu(const Op& op, Lane& lane);

KernelTable cpu_kernels() {
  static const std::vector<KernelEntry> table = {
      {"matmul", "onednn", "oneDNN matmul, plain weights, epilogue as post-ops", make_matmul_onednn},
      {"matmul", "widened", "blocked f32 matmul, bf16 and f16 widened into cache", make_matmul_widened},
      {"matmul", "rows", "few rows of x: weights streamed once, widened in registers", make_matmul_rows},
      {"conv2d", "onednn", "oneDNN convolution, weights packed once, epilogue as post-ops",
       make_conv2d_onednn},
      {"conv2d", "direct", "f32 tiles of pixels x filters, bf16 and f16 widened row by row",
       make_conv2d_direct},
      {"conv2d", "winograd",
       "F(4x4, 3x3) in f32: a quarter of the multiplications of 3x3 kernels of stride 1",
       make_conv2d_winograd},
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
      {"jpeg_decode", "turbo", "libjpeg-turbo, a file a thread", make_jpeg_decode_cpu},
      {"resize_normalise", "rows", "rows summed in vectors, their columns from cache",
       make_resize_normalise_cpu},
      {"pool", "windows", "rows reduced once, then down a ring of them", make_pool_cpu_windows},
      {"pool", "global", "sums of whole images in registers", make_pool_cpu_global},
      {"upsample", "copy", "memcpy of pixels, then of whole rows", make_upsample_cpu},
      {"tokens", "simd", "one pass over rows", make_tokens_cpu},
      {"top_k", "list", "vectors against the last of a sorted list", make_top_k_cpu},
      {"box_decode", "simd", "vectors of classes, then of anchors", make_box_decode_cpu},
      {"nms", "sorted", "candidates in order, each against vectors of those kept", make_nms_cpu},
      {"sample", "buckets", "vectorised argmax; a draw sorts one bucket of logits", make_sample_cpu},
  };
  return table;
}

}  // namespace assay
