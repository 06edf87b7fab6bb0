// SPDX-License-Identifier: Apache-2.0
// A Hugging Face config.json of a decoder-only model, brought to one form. Keys that say nothing about the
// computation are accepted and ignored; defaults are those of transformers, for each architecture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fields.h"
#include "kernels/matmul/matmul.h"
#include "workloads/rotary.h"

namespace assay {

struct DecoderConfig {
  std::string architecture;              // "LlamaForCausalLM"
  std::optional<DType> published_dtype;  // torch_dtype, of the checkpoint; what is run is the run config's
  std::int64_t vocab = 0, hidden = 0, layers = 0;
  std::int64_t q_heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t intermediate = 0;
  std::int64_t max_positions = 0;
  Activation activation = Activation::silu;
  double norm_eps = 1e-6;

  bool tied = false;  // lm_head is the embedding table
  bool qkv_bias = false, attention_out_bias = false, mlp_bias = false;
  bool qk_norm = false;           // Qwen3: heads are normalised before rotation
  bool post_norms = false;        // Gemma2: each sublayer's output is normalised too
  bool norm_adds_one = false;     // Gemma2: stored weights are w - 1
  bool scaled_embedding = false;  // Gemma2: by sqrt(hidden)
  bool fused_checkpoint = false;  // Phi3: qkv_proj and gate_up_proj in one tensor each
  bool gpt2 = false;              // LayerNorm, learned positions, no gate, Conv1D weights

  double attention_softcap = 0, logit_softcap = 0;  // 0: none
  std::vector<double> attention_scales;             // a layer each
  std::vector<std::int64_t> windows;                // a layer each; 0: all tokens
  RotaryConfig rotary;                              // unless gpt2

  std::int64_t q_width() const { return q_heads * head_dim; }
  std::int64_t kv_width() const { return kv_heads * head_dim; }
  std::int64_t qkv_width() const { return q_width() + 2 * kv_width(); }
};

/// Error(bad_input) for an unknown architecture (listing the known), or a size that is missing or absurd.
DecoderConfig read_decoder(JsonReader& model);

std::vector<std::string> decoder_architectures();

}  // namespace assay
