// SPDX-License-Identifier: Apache-2.0
// A line for every op there is; the kernels that serve them stand in the backends' tables.
#include <array>

#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_prefill/attention_prefill.h"
#include "kernels/box_decode/box_decode.h"
#include "kernels/concat/concat.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/copy/copy.h"
#include "kernels/cross/cross.h"
#include "kernels/embedding/embedding.h"
#include "kernels/embedding_bag/embedding_bag.h"
#include "kernels/expert_matmul/expert_matmul.h"
#include "kernels/expert_sum/expert_sum.h"
#include "kernels/gated/gated.h"
#include "kernels/interaction/interaction.h"
#include "kernels/jpeg_decode/jpeg_decode.h"
#include "kernels/kv_write/kv_write.h"
#include "kernels/latent_attention_decode/latent_attention_decode.h"
#include "kernels/latent_attention_prefill/latent_attention_prefill.h"
#include "kernels/latent_rope/latent_rope.h"
#include "kernels/latent_write/latent_write.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/matmul/matmul.h"
#include "kernels/nms/nms.h"
#include "kernels/pool/pool.h"
#include "kernels/quantised_embedding/quantised_embedding.h"
#include "kernels/quantised_matmul/quantised_matmul.h"
#include "kernels/resize_normalise/resize_normalise.h"
#include "kernels/rmsnorm/rmsnorm.h"
#include "kernels/rope/rope.h"
#include "kernels/route/route.h"
#include "kernels/sample/sample.h"
#include "kernels/tokens/tokens.h"
#include "kernels/top_k/top_k.h"
#include "kernels/upsample/upsample.h"

namespace assay {

std::span<const OpEntry> all_ops() {
  static constexpr std::array kOps = {
      OpEntry{"copy", "a tensor between the host and the device", copy_examples},
      OpEntry{"embedding", "rows of a table by id, scaled, with learned positions", embedding_examples},
      OpEntry{"embedding_bag", "rows of many tables by id, summed or averaged a bag", embedding_bag_examples},
      OpEntry{"matmul", "matrix product with bias, activation and residual", matmul_examples},
      OpEntry{"conv2d", "2-D convolution of NHWC pictures with bias, activation and residual",
              conv2d_examples},
      OpEntry{"rmsnorm", "residual add and RMS normalisation", rmsnorm_examples},
      OpEntry{"layernorm", "residual add and layer normalisation", layernorm_examples},
      OpEntry{"rope", "rotary embedding of query and key heads, with their norms", rope_examples},
      OpEntry{"kv_write", "new keys and values into the paged cache", kv_write_examples},
      OpEntry{"attention_prefill", "grouped-query attention over whole sequences, causal or not",
              attention_prefill_examples},
      OpEntry{"attention_decode", "attention of one new token over the paged cache",
              attention_decode_examples},
      OpEntry{"latent_rope", "rotary embedding and norm of latent attention's queries and vectors",
              latent_rope_examples},
      OpEntry{"latent_write", "new latent vectors into the paged cache", latent_write_examples},
      OpEntry{"latent_attention_prefill", "latent attention over whole sequences, keys and values made",
              latent_attention_prefill_examples},
      OpEntry{"latent_attention_decode", "latent attention of one new token over cached latent vectors",
              latent_attention_decode_examples},
      OpEntry{"route", "the experts that each token goes to, and their weights", route_examples},
      OpEntry{"expert_matmul", "matrix product of each token with its experts' weights",
              expert_matmul_examples},
      OpEntry{"expert_sum", "what a token's experts say, weighted and added", expert_sum_examples},
      OpEntry{"quantised_matmul", "matrix product with weights of few bits", quantised_matmul_examples},
      OpEntry{"quantised_embedding", "rows of a table of few bits by id", quantised_embedding_examples},
      OpEntry{"gated", "activated gate times up projection", gated_examples},
      OpEntry{"interaction", "dot products of a row's vectors with one another", interaction_examples},
      OpEntry{"cross", "the elementwise rest of a low-rank cross layer", cross_examples},
      OpEntry{"jpeg_decode", "JPEG files to pixels, on the host", jpeg_decode_examples},
      OpEntry{"resize_normalise", "pictures resized, cut out, normalised and laid out",
              resize_normalise_examples},
      OpEntry{"concat", "what several inputs hold of a row, side by side", concat_examples},
      OpEntry{"pool", "the maximum or mean of windows of pixels, or of whole images", pool_examples},
      OpEntry{"upsample", "every pixel repeated by a whole factor", upsample_examples},
      OpEntry{"tokens", "a class token before an image's patches, and positions", tokens_examples},
      OpEntry{"top_k", "the best classes of a row and their probabilities", top_k_examples},
      OpEntry{"box_decode", "boxes, scores and classes of a detector's pixels", box_decode_examples},
      OpEntry{"nms", "the boxes that greedy suppression leaves, class by class", nms_examples},
      OpEntry{"sample", "next token: argmax, or temperature, top-k and top-p", sample_examples},
  };
  return kOps;
}

}  // namespace assay
