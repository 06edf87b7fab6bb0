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
#include "kernels/latent.h"
#include "kernels/matmul/matmul.h"
#include "workloads/hf_quantisation.h"
#include "workloads/rotary.h"

namespace assay {

/// Layers whose tokens go to some of many MLPs.
struct ExpertsConfig {
  /// Which tensors of a checkpoint hold them.
  enum class Stored : std::uint8_t { mixtral, granite, one_by_one, gpt_oss };
  std::int64_t count = 0, used = 0;  // a token goes to `used` of them
  std::int64_t width = 0;            // inside one
  std::int64_t shared_width = 0;     // of what all tokens go to besides; 0: nothing
  bool shared_gate = false;          // Qwen2-MoE: that counts by a gate of its own
  bool sigmoid = false, correction = false, normalised = true;  // kernels/route/route.h
  double scale = 1;
  std::int64_t groups = 1, groups_used = 1;
  bool bias = false;  // gpt-oss
  Stored stored = Stored::one_by_one;
};

/// Multi-head latent attention, instead of heads with keys and values of their own.
struct LatentConfig {
  LatentHeads heads = {};
  std::int64_t q_rank = 0;  // queries too come of a vector of this width; 0: of the stream
};

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
  double embedding_scale = 1;     // Gemma: sqrt(hidden)
  double residual_scale = 1;      // Granite: of what a sublayer adds
  double logit_divisor = 1;       // Granite
  bool fused_checkpoint = false;  // Phi3: qkv_proj and gate_up_proj in one tensor each
  bool gpt2 = false;              // LayerNorm, learned positions, no gate, Conv1D weights
  bool sinks = false;             // gpt-oss: kernels/attention_prefill/attention_prefill.h
  double gate_limit = 0;          // gpt-oss: kernels/gated/gated.h

  std::optional<ExpertsConfig> experts;
  std::vector<bool> sparse;  // layers that have them; empty: none
  std::optional<LatentConfig> latent;
  std::optional<Quantisation> quantisation;  // of the checkpoint

  double attention_softcap = 0, logit_softcap = 0;  // 0: none
  std::vector<double> attention_scales;             // a layer each
  std::vector<std::int64_t> windows;                // a layer each; 0: all tokens
  RotaryConfig rotary;                              // unless gpt2
  std::optional<RotaryConfig> local_rotary;         // Gemma3: of layers with a window
  std::vector<bool> rotated;                        // SmolLM3: layers that are; empty: all

  std::string prefix;              // of its tensors in a checkpoint: "language_model." of a multimodal one
  std::vector<std::string> notes;  // what a reader should know

  std::int64_t q_width() const { return q_heads * head_dim; }
  std::int64_t kv_width() const { return kv_heads * head_dim; }
  std::int64_t qkv_width() const { return q_width() + 2 * kv_width(); }
  bool is_sparse(std::int64_t layer) const {
    return !sparse.empty() && sparse[static_cast<std::size_t>(layer)];
  }
  std::int64_t cached_elements() const;  // that all layers keep of a token
};

/// Error(bad_input) for an unknown architecture (listing the known), or a size that is missing or absurd.
DecoderConfig read_decoder(JsonReader& model);

/// Whose every op has a kernel, and those that are sized alone, because some of theirs have none yet.
std::vector<std::string> decoder_architectures();

/// A config.json whose text model is one of these: its own architecture, or that of its text_config.
bool is_decoder(const Json& model);

}  // namespace assay
