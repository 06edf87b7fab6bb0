// SPDX-License-Identifier: Apache-2.0
// The weights of a decoder: shapes, how and where a checkpoint keeps them, and how random ones are drawn so
// that activations stay near 1 through any number of layers.
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

/// A projection [out, in] as checkpoints hold it, one tensor or those of a format of few bits; and its bias
/// [out].
struct LinearWeights {
  std::vector<Value> weight;
  std::optional<WeightFormat> format;
  std::optional<Value> bias;
};

/// Matrices of all experts lie below one another.
struct ExpertWeights {
  LinearWeights router, gate_up, down;
  std::optional<Value> correction;  // of the router's choice
  std::optional<LinearWeights> shared_gate_up, shared_down, shared_gate;
};

struct LatentWeights {
  std::optional<LinearWeights> q_down;  // where queries come of a vector too, and its norm
  std::optional<NormWeights> q_norm;
  LinearWeights q, kv_down, kv_up;
  Value kv_norm;
};

struct LayerWeights {
  NormWeights input_norm, mlp_norm;
  std::optional<NormWeights> attention_post_norm, mlp_post_norm;  // Gemma2
  LinearWeights qkv, attention_out;                               // qkv: rows of queries, keys, values
  std::optional<LatentWeights> latent;                            // instead of qkv
  std::optional<Value> q_norm, k_norm, sinks;
  LinearWeights mlp_in, mlp_out;         // mlp_in: rows of gate, up; GPT-2 has one part
  std::optional<ExpertWeights> experts;  // instead of them
};

struct DecoderWeights {
  LinearWeights embedding;
  std::optional<Value> position_embedding;
  std::vector<LayerWeights> layers;
  NormWeights final_norm;
  LinearWeights lm_head;                               // the embedding where they are tied
  std::int64_t parameters = 0, active_parameters = 0;  // as published: of few bits, each counts once
};

DecoderWeights add_weights(Plan& plan, const LlmCase& one);

}  // namespace assay
