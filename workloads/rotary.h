// SPDX-License-Identifier: Apache-2.0
// Rotary embedding tables: every `rope_scaling` of the models we read, computed in double. Formulas are those
// of Hugging Face transformers (modeling_rope_utils.py), with the papers named beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/json_fields.h"

namespace assay {

struct RotaryConfig {
  enum class Kind : std::uint8_t { standard, linear, dynamic, llama3, yarn, longrope };
  Kind kind = Kind::standard;
  double theta = 10000;
  std::int64_t head_dim = 0;
  std::int64_t max_positions = 0;       // max_position_embeddings
  std::int64_t original_positions = 0;  // of pre-training, before the context was stretched
  double factor = 1;
  std::optional<double> attention_factor;            // yarn, longrope
  std::optional<double> mscale, mscale_all_dim;      // yarn
  double beta_fast = 32, beta_slow = 1;              // yarn
  bool truncate = true;                              // yarn
  double low_freq_factor = 1, high_freq_factor = 4;  // llama3
  std::vector<double> short_factors, long_factors;   // longrope, head_dim / 2 of each
};

/// Reads rope_theta and rope_scaling (or rope_parameters, the newer spelling) of a Hugging Face config.
/// `head_dim`, `max_positions` and `phi3` (whose "su" and "yarn" are longrope) are the caller's.
/// Where a head is rotated in part, the result's head_dim is that part's width. Gemma3 says two of them, of
/// which this is that of layers which see all tokens.
RotaryConfig read_rotary(JsonReader& model, std::int64_t head_dim, std::int64_t max_positions, bool phi3);
/// That of Gemma3's layers with a window.
RotaryConfig read_local_rotary(JsonReader& model, std::int64_t head_dim, std::int64_t max_positions);

/// Radians a position, for each of the head_dim / 2 pairs; `length` is how long the sequence is when a token
/// is rotated: dynamic and longrope depend on it.
std::vector<double> inverse_frequencies(const RotaryConfig& config, std::int64_t length);

/// YaRN: what a context stretched by `factor` does to the size of scores.
double yarn_mscale(double factor, double mscale);

/// What cos and sin are multiplied by.
double attention_factor(const RotaryConfig& config);

/// cos, sin of each pair: [positions, head_dim / 2, 2]. Rows below `prompt_tokens` are rotated in one pass
/// over the prompt, the others as each token comes; what is in the cache keeps the rotation it got, as in
/// transformers.
std::vector<float> rotary_table(const RotaryConfig& config, std::int64_t prompt_tokens,
                                std::int64_t positions);

}  // namespace assay
