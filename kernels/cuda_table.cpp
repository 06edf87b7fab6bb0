// SPDX-License-Identifier: Apache-2.0
// The CUDA kernels: a declaration and a line each. Several may serve one op; the runner measures which is
// fastest.
#include <memory>
#include <vector>

#include "device/cuda/cuda_backend.h"
#include "plan/kernel.h"

namespace assay {

std::unique_ptr<Kernel> make_matmul_cublaslt(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_matmul_cublaslt_fast(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_matmul_skinny(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_decode_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_decode_cuda_tensor(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_prefill_cuda_cudnn(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_prefill_cuda_flash(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_attention_prefill_cuda_tiled(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_cublaslt(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_cudnn(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_tensor(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_tiled(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_conv2d_depthwise(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_copy_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_embedding_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_embedding_bag_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_gated_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_interaction_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_cross_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_concat_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_kv_write_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_layernorm_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_pool_cuda_windows(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_pool_cuda_global(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_upsample_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_tokens_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_top_k_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_box_decode_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_nms_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_rmsnorm_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_rope_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_resize_normalise_cuda(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_sample_cuda_argmax(const Op& op, Lane& lane);
std::unique_ptr<Kernel> make_sample_cuda_draw(const Op& op, Lane& lane);

KernelTable cuda_kernels() {
  static const std::vector<KernelEntry> table = {
      {"matmul", "cublaslt", "cuBLASLt, its algorithms as variants, epilogue fused where it can",
       make_matmul_cublaslt},
      {"matmul", "cublaslt_fast", "the same for fp8, with the tensor cores' shorter sums",
       make_matmul_cublaslt_fast},
      {"matmul", "skinny", "up to 16 rows: streams the weights once, epilogue fused", make_matmul_skinny},
      {"conv2d", "cublaslt", "1x1 as a matrix product by cuBLASLt, its algorithms as variants",
       make_conv2d_cublaslt},
      {"conv2d", "cudnn", "cuDNN's convolution, epilogue fused at run time", make_conv2d_cudnn},
      {"conv2d", "tensor", "implicit GEMM on tensor cores, taps gathered by copies that do not wait",
       make_conv2d_tensor},
      {"conv2d", "tiled", "implicit GEMM in f32 without tensor cores", make_conv2d_tiled},
      {"conv2d", "depthwise", "16 bytes of channels a thread, weights in shared memory",
       make_conv2d_depthwise},
      {"copy", "engine", "the copy engine, from and to pinned memory of the host", make_copy_cuda},
      {"embedding", "gather", "16-byte copies of the rows, scale and position added on the way",
       make_embedding_cuda},
      {"embedding_bag", "warps", "a part of a warp a row, several rows in flight, all tables in one launch",
       make_embedding_bag_cuda},
      {"rmsnorm", "fused", "residual fused, a row read once into the registers of a warp or block",
       make_rmsnorm_cuda},
      {"layernorm", "fused", "residual fused, a row read once into the registers of a warp or block",
       make_layernorm_cuda},
      {"rope", "in_place", "16-byte accesses in place, head norm fused", make_rope_cuda},
      {"kv_write", "paged", "16-byte copies into the blocks of the cache", make_kv_write_cuda},
      {"attention_prefill", "cudnn", "cuDNN's fused attention on strided views of qkv",
       make_attention_prefill_cuda_cudnn},
      {"attention_prefill", "flash", "tensor cores, running softmax, scores never leave the multiprocessor",
       make_attention_prefill_cuda_flash},
      {"attention_prefill", "tiled", "the same without tensor cores: f32 products, any head size",
       make_attention_prefill_cuda_tiled},
      {"attention_decode", "paged_tensor", "the same by tensor cores, for 16-bit heads of 64, 128 and 256",
       make_attention_decode_cuda_tensor},
      {"attention_decode", "paged_split", "context split over blocks, a KV head's query heads together",
       make_attention_decode_cuda},
      {"gated", "fused", "16-byte accesses", make_gated_cuda},
      {"interaction", "blocks", "a warp a row in shared memory, 4 x 4 products a lane",
       make_interaction_cuda},
      {"cross", "fused", "16-byte accesses", make_cross_cuda},
      {"concat", "copy", "16-byte accesses", make_concat_cuda},
      {"resize_normalise", "tiles", "rows through shared memory, weights made where they are used",
       make_resize_normalise_cuda},
      {"pool", "windows", "a tile's rows reduced into shared memory, then down", make_pool_cuda_windows},
      {"pool", "global", "the pixels of an image shared among a block's warps", make_pool_cuda_global},
      {"upsample", "copy", "16-byte accesses, a pixel read once", make_upsample_cuda},
      {"tokens", "fused", "16-byte accesses", make_tokens_cuda},
      {"top_k", "walks", "a walk over the row for each of the k, no sort", make_top_k_cuda},
      {"box_decode", "lanes", "eight lanes an anchor", make_box_decode_cuda},
      {"nms", "chunks", "order by counting, then 64 candidates at a time by masks", make_nms_cuda},
      {"sample", "argmax", "several blocks a sequence, joined by an atomic maximum", make_sample_cuda_argmax},
      {"sample", "draw", "radix selection of top-k, top-p and the draw; no sort", make_sample_cuda_draw},
  };
  return table;
}

}  // namespace assay
