// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm_weights.h"

#include <cmath>
#include "workloads/seeded_weights.h"

namespace assay {
namespace {

constexpr double kGainDeviation = 0.1;  // around 1: gains that differ, so that a dropped one shows

class WeightMaker {
 public:
  WeightMaker(Plan& plan, const LlmCase& one) : plan_(plan), one_(one), c_(one.model) {}

  DecoderWeights make() {
    const std::string base = c_.prefix + (c_.gpt2 ? "transformer." : "model.");
    DecoderWeights w;
    // A tied table is also lm_head, whose sums over `hidden` should come out near 1.
    const double rows = c_.tied ? 1 / std::sqrt(static_cast<double>(c_.hidden)) : 1;
    w.embedding = matrix("embedding", c_.vocab, c_.hidden, rows, {base + (c_.gpt2 ? "wte" : "embed_tokens")},
                         c_.tied ? one_.dtype : one_.storage());
    if (c_.gpt2)
      w.position_embedding = weight("position_embedding", {c_.max_positions, c_.hidden}, one_.storage(), rows,
                                    {base + "wpe.weight"});
    for (std::int64_t i = 0; i < c_.layers; ++i)
      w.layers.push_back(c_.gpt2 ? gpt2_layer(i, base + "h." + std::to_string(i) + ".")
                                 : layer(i, base + "layers." + std::to_string(i) + "."));
    w.final_norm = norm("final_norm", c_.hidden, base + (c_.gpt2 ? "ln_f" : "norm"));
    w.lm_head = c_.tied
                    ? w.embedding
                    : matrix("lm_head", c_.vocab, c_.hidden, 1 / std::sqrt(static_cast<double>(c_.hidden)),
                             {c_.prefix + "lm_head"}, one_.dtype);
    w.parameters = parameters_;
    w.active_parameters = parameters_ - passed_over_;
    return w;
  }

 private:
  using Modules = std::vector<std::string>;
  using Order = WeightSource::Order;

  Value weight(const std::string& name, Shape shape, DType dtype, double deviation,
               std::vector<std::string> stored, double mean = 0, Order order = Order::plain) {
    parameters_ += elements_of(shape);
    return plan_.weight({name, std::move(shape), dtype, Fill::normal(deviation, mean)},
                        {std::move(stored), order});
  }

  NormWeights norm(const std::string& name, std::int64_t width, const std::string& stored) {
    NormWeights n{.gain = weight(name, {width}, one_.storage(), kGainDeviation, {stored + ".weight"},
                                 c_.norm_adds_one ? 0 : 1),
                  .offset = {}};
    if (c_.gpt2)
      n.offset = weight(name + ".bias", {width}, one_.storage(), kBiasDeviation, {stored + ".bias"});
    return n;
  }

  /// Nothing where the checkpoint keeps the module as published.
  std::optional<LinearWeights> of_few_bits(const std::string& name, std::int64_t out, std::int64_t in,
                                           const std::string& module,
                                           std::vector<WeightFormat::Parts> parts) {
    if (!one_.quantisation) return std::nullopt;
    LinearWeights w{.weight = {}, .format = one_.quantisation->format_of(module, in), .bias = {}};
    if (!w.format) return std::nullopt;
    w.format->parts = std::move(parts);
    parameters_ += out * in;
    for (TensorSpec& spec : w.format->tensors(out, in)) {
      spec.name = name + "." + spec.name;
      w.weight.push_back(plan_.weight(std::move(spec), {}));
    }
    return w;
  }

  /// `stored`: the modules whose rows are stacked, alike or as `part_rows` says. In few bits where the
  /// checkpoint keeps the first of them so.
  LinearWeights matrix(const std::string& name, std::int64_t out, std::int64_t in, double deviation,
                       const Modules& stored, DType dtype, Order order = Order::plain,
                       const std::vector<WeightFormat::Parts>& part_rows = {}) {
    const auto parts = static_cast<std::int64_t>(stored.size());
    if (auto w = of_few_bits(
            name, out, in, stored.front(),
            part_rows.empty() ? std::vector<WeightFormat::Parts>{{out / parts, parts}} : part_rows))
      return *w;
    LinearWeights w;
    std::vector<std::string> tensors;
    for (const std::string& module : stored)
      tensors.push_back(order == Order::each_transposed ? module : module + ".weight");
    w.weight = {weight(name, {out, in}, dtype, deviation, std::move(tensors), 0, order)};
    return w;
  }

  /// Sums over `in` inputs of about 1 come out at about `gain`.
  LinearWeights linear(const std::string& name, std::int64_t out, std::int64_t in, double gain,
                       const Modules& stored, bool bias,
                       const std::vector<WeightFormat::Parts>& part_rows = {}) {
    LinearWeights w = matrix(name, out, in, gain / std::sqrt(static_cast<double>(in)), stored, one_.dtype,
                             c_.gpt2 ? Order::transposed : Order::plain, part_rows);
    if (!bias) return w;
    std::vector<std::string> biases;
    for (const std::string& module : stored) biases.push_back(module + ".bias");
    w.bias = weight(name + ".bias", {out}, one_.storage(), kBiasDeviation, std::move(biases));
    return w;
  }

  // 2 x layers sublayers add to the residual stream; at this gain it stays near 1 to its end.
  double residual_gain() const {
    return 1 / (c_.residual_scale * std::sqrt(2 * static_cast<double>(c_.layers)));
  }

  LayerWeights layer(std::int64_t index, const std::string& stored) {
    const std::string name = "layers." + std::to_string(index) + ".";
    const std::string attention = stored + "self_attn.", mlp = stored + "mlp.";
    LayerWeights w;
    w.input_norm = norm(name + "input_norm", c_.hidden, stored + "input_layernorm");
    if (c_.latent)
      w.latent = latent(name, attention);
    else
      add_heads(w, name, attention);
    w.attention_out =
        linear(name + "attention_out", c_.hidden, c_.latent ? c_.latent->heads.y_width() : c_.q_width(),
               residual_gain(), {attention + "o_proj"}, c_.attention_out_bias);
    if (c_.post_norms) {
      w.attention_post_norm =
          norm(name + "attention_post_norm", c_.hidden, stored + "post_attention_layernorm");
      w.mlp_norm = norm(name + "mlp_norm", c_.hidden, stored + "pre_feedforward_layernorm");
      w.mlp_post_norm = norm(name + "mlp_post_norm", c_.hidden, stored + "post_feedforward_layernorm");
    } else {
      w.mlp_norm = norm(name + "mlp_norm", c_.hidden, stored + "post_attention_layernorm");
    }
    if (c_.is_sparse(index)) {
      w.experts = experts(name, stored);
      return w;
    }
    w.mlp_in = linear(
        name + "gate_up", 2 * c_.intermediate, c_.hidden, 1,
        c_.fused_checkpoint ? Modules{mlp + "gate_up_proj"} : Modules{mlp + "gate_proj", mlp + "up_proj"},
        c_.mlp_bias);
    w.mlp_out =
        linear(name + "down", c_.hidden, c_.intermediate, residual_gain(), {mlp + "down_proj"}, c_.mlp_bias);
    return w;
  }

  void add_heads(LayerWeights& w, const std::string& name, const std::string& attention) {
    w.qkv = linear(
        name + "qkv", c_.qkv_width(), c_.hidden, 1,
        c_.fused_checkpoint ? Modules{attention + "qkv_proj"}
                            : Modules{attention + "q_proj", attention + "k_proj", attention + "v_proj"},
        c_.qkv_bias,
        c_.fused_checkpoint ? std::vector<WeightFormat::Parts>{}
                            : std::vector<WeightFormat::Parts>{{c_.q_width(), 1}, {c_.kv_width(), 2}});
    const double gain = c_.norm_adds_one ? 0 : 1;
    const auto head = [&](const std::string& part, const std::string& tensor, std::int64_t width,
                          double mean) {
      return weight(name + part, {width}, one_.storage(), kGainDeviation, {attention + tensor}, mean);
    };
    if (c_.qk_norm) {
      w.q_norm = head("q_norm", "q_norm.weight", c_.head_dim, gain);
      w.k_norm = head("k_norm", "k_norm.weight", c_.head_dim, gain);
    }
    if (c_.sinks) w.sinks = head("sinks", "sinks", c_.q_heads, 0);
  }

  LatentWeights latent(const std::string& name, const std::string& attention) {
    const LatentHeads& h = c_.latent->heads;
    const std::int64_t q_rank = c_.latent->q_rank;
    LatentWeights w;
    if (q_rank > 0) {
      w.q_down = linear(name + "q_down", q_rank, c_.hidden, 1, {attention + "q_a_proj"}, c_.qkv_bias);
      w.q_norm = norm(name + "q_norm", q_rank, attention + "q_a_layernorm");
    }
    w.q = linear(name + "q", h.q_width(), q_rank > 0 ? q_rank : c_.hidden, 1,
                 {attention + (q_rank > 0 ? "q_b_proj" : "q_proj")}, false);
    w.kv_down =
        linear(name + "kv_down", h.cached(), c_.hidden, 1, {attention + "kv_a_proj_with_mqa"}, c_.qkv_bias);
    w.kv_norm = norm(name + "kv_norm", h.rank, attention + "kv_a_layernorm").gain;
    w.kv_up = linear(name + "kv_up", h.kv_width(), h.rank, 1, {attention + "kv_b_proj"}, false);
    return w;
  }

  ExpertWeights experts(const std::string& name, const std::string& stored) {
    using Stored = ExpertsConfig::Stored;
    const ExpertsConfig& e = *c_.experts;
    const bool block = e.stored == Stored::mixtral || e.stored == Stored::granite;
    const std::string mlp = stored + (block ? "block_sparse_moe." : "mlp.");
    const std::string router = e.stored == Stored::granite   ? "router.layer"
                               : e.stored == Stored::gpt_oss ? "router"
                                                             : "gate";
    ExpertWeights w;
    w.router = linear(name + "router", e.count, c_.hidden, 1, {mlp + router}, e.bias);
    if (e.correction)
      w.correction = weight(name + "router_correction", {e.count}, DType::f32, kBiasDeviation,
                            {mlp + router + ".e_score_correction_bias"});
    const std::int64_t before = parameters_;
    w.gate_up = of_experts(name + "experts_gate_up", 2 * e.width, c_.hidden, 1, mlp,
                           e.stored == Stored::mixtral   ? Modules{"w1", "w3"}
                           : e.stored == Stored::granite ? Modules{"input_linear"}
                           : e.stored == Stored::gpt_oss ? Modules{"gate_up_proj"}
                                                         : Modules{"gate_proj", "up_proj"});
    w.down = of_experts(name + "experts_down", c_.hidden, e.width, residual_gain(), mlp,
                        e.stored == Stored::mixtral   ? Modules{"w2"}
                        : e.stored == Stored::granite ? Modules{"output_linear"}
                                                      : Modules{"down_proj"});
    passed_over_ += (parameters_ - before) / e.count * (e.count - e.used);
    if (e.shared_width == 0) return w;
    const std::string shared = mlp + (e.shared_gate ? "shared_expert." : "shared_experts.");
    w.shared_gate_up = linear(name + "shared_gate_up", 2 * e.shared_width, c_.hidden, 1,
                              {shared + "gate_proj", shared + "up_proj"}, false);
    w.shared_down = linear(name + "shared_down", c_.hidden, e.shared_width, residual_gain(),
                           {shared + "down_proj"}, false);
    if (e.shared_gate)
      w.shared_gate = linear(name + "shared_gate", 1, c_.hidden, 1, {mlp + "shared_expert_gate"}, false);
    return w;
  }

  std::string expert_module(const std::string& mlp, std::int64_t expert, const std::string& part) const {
    using Stored = ExpertsConfig::Stored;
    if (c_.experts->stored == Stored::granite) return mlp + part;
    if (c_.experts->stored == Stored::gpt_oss) return mlp + "experts." + part;
    return mlp + "experts." + std::to_string(expert) + "." + part;
  }

  /// Of an expert's modules `parts` lie below one another. Names of all of them are made only where a
  /// checkpoint is read by them: Kimi-K2 has 69000.
  LinearWeights of_experts(const std::string& name, std::int64_t out, std::int64_t in, double gain,
                           const std::string& mlp, const Modules& parts) {
    using Stored = ExpertsConfig::Stored;
    const std::int64_t count = c_.experts->count;
    const Order order = c_.experts->stored == Stored::granite   ? Order::reshaped
                        : c_.experts->stored == Stored::gpt_oss ? Order::each_transposed
                                                                : Order::plain;
    const std::int64_t modules = order == Order::plain ? count * std::ssize(parts) : 1;
    const std::string first = expert_module(mlp, 0, parts.front());
    std::optional<LinearWeights> w =
        of_few_bits(name, count * out, in, first, {{count * out / modules, modules}});
    if (!w) {
      Modules all;
      for (std::int64_t e = 0; e < (order == Order::plain && !one_.sized ? count : 1); ++e)
        for (const std::string& part : parts) all.push_back(expert_module(mlp, e, part));
      w = matrix(name, count * out, in, gain / std::sqrt(static_cast<double>(in)), all, one_.storage(),
                 order);
    }
    if (c_.experts->bias)
      w->bias = weight(name + ".bias", {count, out}, one_.storage(), kBiasDeviation, {first + "_bias"});
    return *w;
  }

  /// Conv1D keeps [in, out]: transposed on loading.
  LayerWeights gpt2_layer(std::int64_t index, const std::string& stored) {
    const std::string name = "layers." + std::to_string(index) + ".";
    LayerWeights w;
    w.input_norm = norm(name + "input_norm", c_.hidden, stored + "ln_1");
    w.qkv = linear(name + "qkv", c_.qkv_width(), c_.hidden, 1, {stored + "attn.c_attn"}, true);
    w.attention_out = linear(name + "attention_out", c_.hidden, c_.q_width(), residual_gain(),
                             {stored + "attn.c_proj"}, true);
    w.mlp_norm = norm(name + "mlp_norm", c_.hidden, stored + "ln_2");
    w.mlp_in = linear(name + "up", c_.intermediate, c_.hidden, 1, {stored + "mlp.c_fc"}, true);
    w.mlp_out =
        linear(name + "down", c_.hidden, c_.intermediate, residual_gain(), {stored + "mlp.c_proj"}, true);
    return w;
  }

  Plan& plan_;
  const LlmCase& one_;
  const DecoderConfig& c_;
  std::int64_t parameters_ = 0, passed_over_ = 0;  // by one token
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
