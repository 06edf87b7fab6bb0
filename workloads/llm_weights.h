// SPDX-License-Identifier: Apache-2.0
// The weights of a decoder: shapes, where a checkpoint keeps them, and how random ones are drawn so that
// activations stay near 1 through any number of layers.
#pragma once

#include <optional>
#include <vector>

#include "workloads/llm.h"

namespace assay {

/// Gain of a normalisation, and its offset (LayerNorm only).
struct NormWeights {
  Value gain;
  std::optional<Value> offset;
};

/// A projection [out, in] as checkpoints hold it, and its bias [out].
struct LinearWeights {
  Value weight;
  std::optional<Value> bias;
};

struct LayerWeights {
  NormWeights input_norm, mlp_norm;
  std::optional<NormWeights> attention_post_norm, mlp_post_norm;  // Gemma2
  LinearWeights qkv, attention_out;                               // qkv: rows of queries, keys, values
  std::optional<Value> q_norm, k_norm;
  LinearWeights mlp_in, mlp_out;  // mlp_in: rows of gate, up; GPT-2 has one part
};

struct DecoderWeights {
  Value embedding;
  std::optional<Value> position_embedding;
  std::vector<LayerWeights> layers;
  NormWeights final_norm;
  Value lm_head;  // the embedding where they are tied
};

DecoderWeights add_weights(Plan& plan, const LlmCase& one);

}  // namespace assay
