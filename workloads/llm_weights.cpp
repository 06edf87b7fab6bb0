// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm_weights.h"

#include <cmath>

namespace assay {
namespace {

constexpr double kGainDeviation = 0.1;  // around 1: gains that differ, so that a dropped one shows
constexpr double kBiasDeviation = 0.1;

class WeightMaker {
 public:
  WeightMaker(Plan& plan, const LlmCase& one) : plan_(plan), one_(one), c_(one.model) {}

  DecoderWeights make() {
    const std::string base = c_.gpt2 ? "transformer." : "model.";
    DecoderWeights w;
    // A tied table is also lm_head, whose sums over `hidden` should come out near 1.
    const double rows = c_.tied ? 1 / std::sqrt(static_cast<double>(c_.hidden)) : 1;
    w.embedding = weight("embedding", {c_.vocab, c_.hidden}, c_.tied ? one_.dtype : one_.storage(), rows,
                         {base + (c_.gpt2 ? "wte.weight" : "embed_tokens.weight")});
    if (c_.gpt2)
      w.position_embedding = weight("position_embedding", {c_.max_positions, c_.hidden}, one_.storage(), rows,
                                    {base + "wpe.weight"});
    for (std::int64_t i = 0; i < c_.layers; ++i)
      w.layers.push_back(c_.gpt2 ? gpt2_layer(i, base + "h." + std::to_string(i) + ".")
                                 : layer(i, base + "layers." + std::to_string(i) + "."));
    w.final_norm = norm("final_norm", base + (c_.gpt2 ? "ln_f" : "norm"));
    w.lm_head = c_.tied ? w.embedding
                        : weight("lm_head", {c_.vocab, c_.hidden}, one_.dtype,
                                 1 / std::sqrt(static_cast<double>(c_.hidden)), {"lm_head.weight"});
    return w;
  }

 private:
  Value weight(const std::string& name, Shape shape, DType dtype, double deviation,
               std::vector<std::string> stored, double mean = 0, bool transposed = false) {
    return plan_.weight(
        {name, std::move(shape), dtype, Fill::normal(deviation, mean)},
        {std::move(stored), transposed ? WeightSource::Order::transposed : WeightSource::Order::plain});
  }

  NormWeights norm(const std::string& name, const std::string& stored) {
    NormWeights n{.gain = weight(name, {c_.hidden}, one_.storage(), kGainDeviation, {stored + ".weight"},
                                 c_.norm_adds_one ? 0 : 1),
                  .offset = {}};
    if (c_.gpt2)
      n.offset = weight(name + ".bias", {c_.hidden}, one_.storage(), kBiasDeviation, {stored + ".bias"});
    return n;
  }

  /// `stored`: the modules whose rows are stacked. Sums over `in` inputs of about 1 come out at about `gain`.
  LinearWeights linear(const std::string& name, std::int64_t out, std::int64_t in, double gain,
                       const std::vector<std::string>& stored, bool bias) {
    std::vector<std::string> weights, biases;
    for (const std::string& module : stored) {
      weights.push_back(module + ".weight");
      biases.push_back(module + ".bias");
    }
    LinearWeights w{.weight = weight(name, {out, in}, one_.dtype, gain / std::sqrt(static_cast<double>(in)),
                                     std::move(weights), 0, c_.gpt2),
                    .bias = {}};
    if (bias) w.bias = weight(name + ".bias", {out}, one_.storage(), kBiasDeviation, std::move(biases));
    return w;
  }

  // 2 x layers sublayers add to the residual stream; at this gain it stays near 1 to its end.
  double residual_gain() const { return 1 / std::sqrt(2 * static_cast<double>(c_.layers)); }

  LayerWeights layer(std::int64_t index, const std::string& stored) {
    const std::string name = "layers." + std::to_string(index) + ".";
    const std::string attention = stored + "self_attn.", mlp = stored + "mlp.";
    using Modules = std::vector<std::string>;
    LayerWeights w;
    w.input_norm = norm(name + "input_norm", stored + "input_layernorm");
    w.qkv = linear(name + "qkv", c_.qkv_width(), c_.hidden, 1,
                   c_.fused_checkpoint
                       ? Modules{attention + "qkv_proj"}
                       : Modules{attention + "q_proj", attention + "k_proj", attention + "v_proj"},
                   c_.qkv_bias);
    if (c_.qk_norm) {
      w.q_norm = weight(name + "q_norm", {c_.head_dim}, one_.storage(), kGainDeviation,
                        {attention + "q_norm.weight"}, 1);
      w.k_norm = weight(name + "k_norm", {c_.head_dim}, one_.storage(), kGainDeviation,
                        {attention + "k_norm.weight"}, 1);
    }
    w.attention_out = linear(name + "attention_out", c_.hidden, c_.q_width(), residual_gain(),
                             {attention + "o_proj"}, c_.attention_out_bias);
    if (c_.post_norms) {
      w.attention_post_norm = norm(name + "attention_post_norm", stored + "post_attention_layernorm");
      w.mlp_norm = norm(name + "mlp_norm", stored + "pre_feedforward_layernorm");
      w.mlp_post_norm = norm(name + "mlp_post_norm", stored + "post_feedforward_layernorm");
    } else {
      w.mlp_norm = norm(name + "mlp_norm", stored + "post_attention_layernorm");
    }
    w.mlp_in = linear(
        name + "gate_up", 2 * c_.intermediate, c_.hidden, 1,
        c_.fused_checkpoint ? Modules{mlp + "gate_up_proj"} : Modules{mlp + "gate_proj", mlp + "up_proj"},
        c_.mlp_bias);
    w.mlp_out =
        linear(name + "down", c_.hidden, c_.intermediate, residual_gain(), {mlp + "down_proj"}, c_.mlp_bias);
    return w;
  }

  /// Conv1D keeps [in, out]: transposed on loading.
  LayerWeights gpt2_layer(std::int64_t index, const std::string& stored) {
    const std::string name = "layers." + std::to_string(index) + ".";
    LayerWeights w;
    w.input_norm = norm(name + "input_norm", stored + "ln_1");
    w.qkv = linear(name + "qkv", c_.qkv_width(), c_.hidden, 1, {stored + "attn.c_attn"}, true);
    w.attention_out = linear(name + "attention_out", c_.hidden, c_.q_width(), residual_gain(),
                             {stored + "attn.c_proj"}, true);
    w.mlp_norm = norm(name + "mlp_norm", stored + "ln_2");
    w.mlp_in = linear(name + "up", c_.intermediate, c_.hidden, 1, {stored + "mlp.c_fc"}, true);
    w.mlp_out =
        linear(name + "down", c_.hidden, c_.intermediate, residual_gain(), {stored + "mlp.c_proj"}, true);
    return w;
  }

  Plan& plan_;
  const LlmCase& one_;
  const DecoderConfig& c_;
};

}  // namespace

DecoderWeights add_weights(Plan& plan, const LlmCase& one) {
  DecoderWeights weights = WeightMaker(plan, one).make();
  // Buffers that older checkpoints hold, and the copy of the table that some keep where it is tied.
  plan.ignored_weights = {"rotary_emb.inv_freq", "attn.bias", "attn.masked_bias"};
  if (one.model.tied) plan.ignored_weights.emplace_back("lm_head.weight");
  return weights;
}

}  // namespace assay
