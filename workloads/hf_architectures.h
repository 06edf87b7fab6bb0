// SPDX-License-Identifier: Apache-2.0
// The decoder architectures of Hugging Face transformers that we know, a line each: what it assumes where a
// config.json leaves a key out.
#pragma once

#include "workloads/hf_config.h"

namespace assay {

/// Which layers see a window of tokens alone, where `layer_types` does not say.
enum class Windows : std::uint8_t { none, all, last, every_other, five_of_six };

/// What transformers assumes where a key is left out, and what is fixed for an architecture.
struct Architecture {
  std::string_view name, model_type;
  std::optional<std::int64_t> kv_heads = {};  // empty: as many as query heads
  std::optional<std::int64_t> head_dim = {};  // empty: hidden / heads
  std::int64_t max_positions = 2048;
  double norm_eps = 1e-6;
  bool tied = false;
  std::optional<std::int64_t> window = {};
  Windows windows = Windows::none;
  bool attention_bias = false;  // `attention_bias` of the config counts
  bool gemma = false;
  std::optional<ExpertsConfig> experts = {};
  /// Of the text_config of a multimodal model, which may leave out what is as usual; 0: it must not.
  std::int64_t vocab = 0, hidden = 0, intermediate = 0, layers = 0, heads = 0;
};
std::span<const Architecture> known_architectures();

/// Of a config.json, or of the text_config of a multimodal one. Error(bad_input) lists the known.
const Architecture& architecture_of(JsonReader& model);

/// For a mixture of experts; `sparse` says which layers have them.
void read_experts(JsonReader& model, const Architecture& a, DecoderConfig& c);
/// For latent attention: heads, their scale and their rotary embedding.
void read_latent(JsonReader& model, DecoderConfig& c);

}  // namespace assay
