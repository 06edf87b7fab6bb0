// SPDX-License-Identifier: Apache-2.0
// The forward pass of a decoder, as straight-line code. Both stages share the layers: prefill takes whole
// prompts through attention over themselves and fills the KV cache, decode takes one token a sequence through
// attention over the cache.
//   llm_plan.cpp: inputs, stages, facts    llm_layers.cpp: what a layer does    llm_metrics.cpp: figures
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kv_cache.h"
#include "workloads/llm_weights.h"

namespace assay {

class LlmEmitter {
 public:
  LlmEmitter(const LlmCase& one, const std::string& name);
  Plan emit();

 private:
  void add_inputs();
  void add_states();
  void emit_prefill();
  void emit_decode();
  void embed(Value ids);
  void emit_head();

  void emit_layer(std::int64_t i);
  Value attention(std::int64_t i, Value x, const LayerWeights& w);
  Value rotate(std::int64_t i, Value qkv, const LayerWeights& w);
  void write_cache(std::int64_t i, Value qkv);
  Value attend_prompt(std::int64_t i, Value qkv, const LayerWeights& w);
  Value attend_cache(std::int64_t i, Value qkv, const LayerWeights& w);
  Value latent_attention(std::int64_t i, Value x, const LatentWeights& w);
  Value gated_mlp(Value x, const LayerWeights& w);
  Value plain_mlp(Value x, const LayerWeights& w);
  Value expert_mlp(Value x, const ExpertWeights& w);
  Value shared_expert(Value x, const ExpertWeights& w);

  /// residual_ += delta_ (where there is one), and the norm of the sum.
  Value add_and_norm(const std::string& label, const NormWeights& w) {
    return delta_ ? norm(label, *delta_, w, residual_) : norm(label, residual_, w);
  }
  Value norm(const std::string& label, Value x, const NormWeights& w, std::optional<Value> residual = {});
  Value gated(const std::string& label, Value x, std::int64_t rows, std::int64_t cols);
  Value linear(const std::string& label, Value x, const LinearWeights& w, std::int64_t n, std::int64_t k,
               Activation activation = Activation::none, float cap = 0);
  Value of_experts(const std::string& label, Value x, Value experts, const LinearWeights& w, std::int64_t n,
                   std::int64_t k, bool spread);

  template <typename T>
  std::vector<Value> run(std::string name, std::string label, T op, const std::vector<Value>& in,
                         const std::vector<std::optional<Value>>& into = {}) {
    return plan_.run(*stage_, std::move(name), std::move(label), std::make_shared<const T>(std::move(op)), in,
                     into);
  }

  bool decoding() const { return stage_->name == "decode"; }
  // Tokens a decode step attends to: from prompt + 1 to prompt + generate - 1, and this on average.
  std::int64_t mean_context() const {
    return load_.prompt_tokens + std::max<std::int64_t>(1, load_.generate_tokens / 2);
  }
  KvCache cache_shape() const;
  float scale(std::int64_t i) const {
    return static_cast<float>(c_.attention_scales[static_cast<std::size_t>(i)]);
  }
  /// A window that the sequence never outgrows is none.
  std::int64_t window(std::int64_t i) const {
    const std::int64_t tokens = c_.windows[static_cast<std::size_t>(i)];
    return tokens < one_.capacity() ? tokens : 0;
  }
  float softcap() const { return static_cast<float>(c_.attention_softcap); }

  void add_facts();
  void add_output(const std::string& name, std::vector<Output::Pin> pins);
  void add_prefill_metrics();
  void add_decode_metrics();
  void add_window_metrics();
  /// Of a lane among several a share of the whole device's peak would say little: windows have it.
  void add_alone(MetricSpec metric) {
    if (plan_.in_flight == 1) plan_.metrics.push_back(std::move(metric));
  }

  const LlmCase& one_;
  const DecoderConfig& c_;
  const LlmLoad& load_;
  const DType type_;
  Plan plan_;
  DecoderWeights weights_;
  Value prompt_ids_, prompt_positions_, last_rows_, block_table_, rotary_table_, local_rotary_table_;
  Value positions_, token_, history_;
  std::vector<Value> k_cache_, v_cache_;  // a layer each; of latent attention the first alone

  // Of the stage at hand.
  Stage* stage_ = nullptr;
  std::int64_t rows_ = 0;       // tokens that go through the layers together
  Value token_positions_;       // of those tokens
  std::string layer_;           // "layers.3."
  Value residual_;              // [rows, hidden]
  std::optional<Value> delta_;  // [rows, hidden]; what the last sublayer adds to residual_
  Value logits_;
};

}  // namespace assay
