// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_prefill/attention_prefill.h"
#include "kernels/expert_matmul/expert_matmul.h"
#include "kernels/expert_sum/expert_sum.h"
#include "kernels/gated/gated.h"
#include "kernels/kv_write/kv_write.h"
#include "kernels/latent_attention_decode/latent_attention_decode.h"
#include "kernels/latent_attention_prefill/latent_attention_prefill.h"
#include "kernels/latent_rope/latent_rope.h"
#include "kernels/latent_write/latent_write.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/quantised_matmul/quantised_matmul.h"
#include "kernels/rmsnorm/rmsnorm.h"
#include "kernels/rope/rope.h"
#include "kernels/route/route.h"
#include "workloads/llm_emitter.h"

namespace assay {

/// One transformer layer: `residual_` + `delta_` is the stream that comes in and goes out; adding the two
/// is left to the next normalisation.
void LlmEmitter::emit_layer(std::int64_t i) {
  const LayerWeights& w = weights_.layers[static_cast<std::size_t>(i)];
  layer_ = "layers." + std::to_string(i) + ".";

  const Value x = add_and_norm("input_norm", w.input_norm);
  const Value y = w.latent ? latent_attention(i, x, *w.latent) : attention(i, x, w);
  delta_ = linear("attention_out", y, w.attention_out, c_.hidden,
                  c_.latent ? c_.latent->heads.y_width() : c_.q_width());
  if (w.attention_post_norm) delta_ = norm("attention_post_norm", *delta_, *w.attention_post_norm);

  const Value h = add_and_norm("mlp_norm", w.mlp_norm);
  delta_ = w.experts ? expert_mlp(h, *w.experts) : c_.gpt2 ? plain_mlp(h, w) : gated_mlp(h, w);
  if (w.mlp_post_norm) delta_ = norm("mlp_post_norm", *delta_, *w.mlp_post_norm);
}

Value LlmEmitter::attention(std::int64_t i, Value x, const LayerWeights& w) {
  Value qkv = linear("qkv", x, w.qkv, c_.qkv_width(), c_.hidden);
  if (!c_.gpt2 && (c_.rotated.empty() || c_.rotated[static_cast<std::size_t>(i)])) qkv = rotate(i, qkv, w);
  write_cache(i, qkv);
  return decoding() ? attend_cache(i, qkv, w) : attend_prompt(i, qkv, w);
}

Value LlmEmitter::rotate(std::int64_t i, Value qkv, const LayerWeights& w) {
  const bool local = c_.local_rotary && c_.windows[static_cast<std::size_t>(i)] > 0;
  std::vector<Value> in = {qkv, token_positions_, local ? local_rotary_table_ : rotary_table_};
  if (c_.qk_norm) in.insert(in.end(), {*w.q_norm, *w.k_norm});
  return run(layer_ + "rope", "rope",
             Rope({.tokens = rows_,
                   .q_heads = c_.q_heads,
                   .kv_heads = c_.kv_heads,
                   .head_dim = c_.head_dim,
                   .positions = one_.capacity(),
                   .type = type_,
                   .qk_norm = c_.qk_norm,
                   .eps = static_cast<float>(c_.norm_eps),
                   .rotary = c_.rotary.head_dim == c_.head_dim ? 0 : c_.rotary.head_dim,
                   .norm_offset = c_.norm_adds_one && c_.qk_norm ? 1.0f : 0.0f}),
             in)[0];
}

void LlmEmitter::write_cache(std::int64_t i, Value qkv) {
  const auto layer = static_cast<std::size_t>(i);
  run(layer_ + "kv_write", "kv_write",
      KvWrite({.tokens = rows_,
               .q_heads = c_.q_heads,
               .cache = cache_shape(),
               .first_position = decoding() ? mean_context() - 1 : 0}),
      {qkv, token_positions_, block_table_, k_cache_[layer], v_cache_[layer]});
}

Value LlmEmitter::attend_prompt(std::int64_t i, Value qkv, const LayerWeights& w) {
  std::vector<Value> in = {qkv};
  if (w.sinks) in.push_back(*w.sinks);
  return run(layer_ + "attention", "attention",
             AttentionPrefill({.sequences = load_.batch,
                               .tokens = load_.prompt_tokens,
                               .q_heads = c_.q_heads,
                               .kv_heads = c_.kv_heads,
                               .head_dim = c_.head_dim,
                               .type = type_,
                               .scale = scale(i),
                               .window = window(i),
                               .softcap = softcap(),
                               .sinks = c_.sinks}),
             in)[0];
}

Value LlmEmitter::attend_cache(std::int64_t i, Value qkv, const LayerWeights& w) {
  const auto layer = static_cast<std::size_t>(i);
  std::vector<Value> in = {qkv, positions_, block_table_, k_cache_[layer], v_cache_[layer]};
  if (w.sinks) in.push_back(*w.sinks);
  return run(layer_ + "attention", "attention",
             AttentionDecode({.q_heads = c_.q_heads,
                              .cache = cache_shape(),
                              .context = mean_context(),
                              .scale = scale(i),
                              .window = window(i),
                              .softcap = softcap(),
                              .sinks = c_.sinks}),
             in)[0];
}

/// A prompt's keys and values are made of its latent vectors; a decode step attends to the vectors
/// themselves.
Value LlmEmitter::latent_attention(std::int64_t i, Value x, const LatentWeights& w) {
  const LatentHeads& heads = c_.latent->heads;
  const std::int64_t q_rank = c_.latent->q_rank;
  Value from = x;
  if (w.q_down) {
    from = linear("q_down", x, *w.q_down, q_rank, c_.hidden);
    from =
        run(layer_ + "q_norm", "q_norm",
            RmsNorm({.rows = rows_, .cols = q_rank, .type = type_, .eps = static_cast<float>(c_.norm_eps)}),
            {from, w.q_norm->gain})[0];
  }
  const Value raw_q = linear("q", from, w.q, heads.q_width(), q_rank > 0 ? q_rank : c_.hidden);
  const Value raw_kv = linear("kv_down", x, w.kv_down, heads.cached(), c_.hidden);
  const std::vector<Value> turned = run(layer_ + "rope", "rope",
                                        LatentRope({.tokens = rows_,
                                                    .heads = heads,
                                                    .positions = one_.capacity(),
                                                    .type = type_,
                                                    .eps = static_cast<float>(c_.norm_eps)}),
                                        {raw_q, raw_kv, token_positions_, rotary_table_, w.kv_norm});
  const Value q = turned[0], latent = turned[1], key = turned[2];
  const Value cache = k_cache_[static_cast<std::size_t>(i)];
  run(layer_ + "kv_write", "kv_write",
      LatentWrite({.tokens = rows_,
                   .heads = heads,
                   .cache = cache_shape(),
                   .first_position = decoding() ? mean_context() - 1 : 0}),
      {latent, key, token_positions_, block_table_, cache});
  if (decoding()) {
    std::vector<Value> in = {q, positions_, block_table_, cache};
    in.insert(in.end(), w.kv_up.weight.begin(), w.kv_up.weight.end());
    return run(layer_ + "attention", "attention",
               LatentAttentionDecode({.heads = heads,
                                      .cache = cache_shape(),
                                      .context = mean_context(),
                                      .format = w.kv_up.format,
                                      .scale = scale(i)}),
               in)[0];
  }
  const Value kv = linear("kv_up", latent, w.kv_up, heads.kv_width(), heads.rank);
  return run(layer_ + "attention", "attention",
             LatentAttentionPrefill({.sequences = load_.batch,
                                     .tokens = load_.prompt_tokens,
                                     .heads = heads,
                                     .type = type_,
                                     .scale = scale(i)}),
             {q, kv, key})[0];
}

Value LlmEmitter::gated_mlp(Value x, const LayerWeights& w) {
  const Value gate_up = linear("gate_up", x, w.mlp_in, 2 * c_.intermediate, c_.hidden);
  return linear("down", gated("gated", gate_up, rows_, c_.intermediate), w.mlp_out, c_.hidden,
                c_.intermediate);
}

Value LlmEmitter::plain_mlp(Value x, const LayerWeights& w) {
  const Value y = linear("up", x, w.mlp_in, c_.intermediate, c_.hidden, c_.activation);
  return linear("down", y, w.mlp_out, c_.hidden, c_.intermediate);
}

Value LlmEmitter::expert_mlp(Value x, const ExpertWeights& w) {
  const ExpertsConfig& e = *c_.experts;
  std::vector<Value> scores = {linear("router", x, w.router, e.count, c_.hidden)};
  if (w.correction) scores.push_back(*w.correction);
  const std::vector<Value> routed = run(layer_ + "route", "route",
                                        Route({.tokens = rows_,
                                               .experts = e.count,
                                               .used = e.used,
                                               .type = type_,
                                               .sigmoid = e.sigmoid,
                                               .bias = e.correction,
                                               .normalised = e.normalised,
                                               .scale = static_cast<float>(e.scale),
                                               .groups = e.groups,
                                               .groups_used = e.groups_used}),
                                        scores);
  const Value gate_up = of_experts("experts_gate_up", x, routed[0], w.gate_up, 2 * e.width, c_.hidden, false);
  const Value y = of_experts("experts_down", gated("experts_gated", gate_up, rows_ * e.used, e.width),
                             routed[0], w.down, c_.hidden, e.width, true);
  std::vector<Value> in = {y, routed[1]};
  if (w.shared_down) in.push_back(shared_expert(x, w));
  if (w.shared_gate) in.push_back(linear("shared_gate", x, *w.shared_gate, 1, c_.hidden));
  return run(layer_ + "expert_sum", "expert_sum",
             ExpertSum({.tokens = rows_,
                        .used = e.used,
                        .cols = c_.hidden,
                        .type = type_,
                        .shared = w.shared_down.has_value(),
                        .gated = w.shared_gate.has_value()}),
             in)[0];
}

Value LlmEmitter::shared_expert(Value x, const ExpertWeights& w) {
  const std::int64_t width = c_.experts->shared_width;
  const Value gate_up = linear("shared_gate_up", x, *w.shared_gate_up, 2 * width, c_.hidden);
  return linear("shared_down", gated("shared_gated", gate_up, rows_, width), *w.shared_down, c_.hidden,
                width);
}

Value LlmEmitter::norm(const std::string& label, Value x, const NormWeights& w,
                       std::optional<Value> residual) {
  const auto eps = static_cast<float>(c_.norm_eps);
  std::vector<Value> in = {x, w.gain};
  if (w.offset) in.push_back(*w.offset);
  if (residual) in.push_back(*residual);
  if (c_.gpt2)
    return run(
        layer_ + label, label,
        LayerNorm(
            {.rows = rows_, .cols = c_.hidden, .type = type_, .residual = residual.has_value(), .eps = eps}),
        in)[0];
  return run(layer_ + label, label,
             RmsNorm({.rows = rows_,
                      .cols = c_.hidden,
                      .type = type_,
                      .residual = residual.has_value(),
                      .eps = eps,
                      .weight_offset = c_.norm_adds_one ? 1.0f : 0.0f,
                      .scale = residual ? static_cast<float>(c_.residual_scale) : 1.0f}),
             in)[0];
}

Value LlmEmitter::gated(const std::string& label, Value x, std::int64_t rows, std::int64_t cols) {
  return run(layer_ + label, label,
             Gated({.rows = rows,
                    .cols = cols,
                    .type = type_,
                    .activation = c_.activation,
                    .limit = static_cast<float>(c_.gate_limit)}),
             {x})[0];
}

Value LlmEmitter::linear(const std::string& label, Value x, const LinearWeights& w, std::int64_t n,
                         std::int64_t k, Activation activation, float cap) {
  std::vector<Value> in = {x};
  in.insert(in.end(), w.weight.begin(), w.weight.end());
  if (w.bias) in.push_back(*w.bias);
  if (w.format)
    return run(layer_ + label, label,
               QuantisedMatMul({.m = rows_,
                                .n = n,
                                .k = k,
                                .type = type_,
                                .format = *w.format,
                                .bias = w.bias.has_value(),
                                .activation = activation,
                                .cap = cap}),
               in)[0];
  return run(layer_ + label, label,
             MatMul({.m = rows_,
                     .n = n,
                     .k = k,
                     .type = one_.dtype,
                     .out = type_,
                     .bias = w.bias.has_value(),
                     .activation = activation,
                     .cap = cap}),
             in)[0];
}

Value LlmEmitter::of_experts(const std::string& label, Value x, Value experts, const LinearWeights& w,
                             std::int64_t n, std::int64_t k, bool spread) {
  std::vector<Value> in = {x, experts};
  in.insert(in.end(), w.weight.begin(), w.weight.end());
  if (w.bias) in.push_back(*w.bias);
  return run(layer_ + label, label,
             ExpertMatMul({.tokens = rows_,
                           .used = c_.experts->used,
                           .experts = c_.experts->count,
                           .n = n,
                           .k = k,
                           .type = type_,
                           .format = w.format,
                           .spread = spread,
                           .bias = w.bias.has_value()}),
             in)[0];
}

KvCache LlmEmitter::cache_shape() const {
  return {.sequences = load_.batch,
          .capacity = one_.capacity(),
          .kv_heads = c_.kv_heads,
          .head_dim = c_.head_dim,
          .type = type_,
          .stored = one_.kv_stored()};
}

}  // namespace assay
