// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_prefill/attention_prefill.h"

#include <stdexcept>

#include "kernels/attention.h"

namespace assay {

AttentionPrefill::AttentionPrefill(const Params& params) : p(params) {
  if (!p.causal && p.window != 0) throw std::logic_error("attention_prefill: a window that is not causal");
}

std::int64_t AttentionPrefill::end_of_keys(std::int64_t token) const {
  return p.causal ? token + 1 : p.tokens;
}

float AttentionPrefill::scale() const {
  return p.scale != 0 ? p.scale : 1 / std::sqrt(static_cast<float>(p.head_dim));
}

std::string AttentionPrefill::shape() const {
  return std::to_string(p.sequences) + "x" + std::to_string(p.tokens) + " heads " +
         std::to_string(p.q_heads) + "/" + std::to_string(p.kv_heads) + "x" + std::to_string(p.head_dim) +
         " " + std::string(name(p.type)) + option("window", p.window, 0) + option("softcap", p.softcap, 0) +
         option("scale", p.scale, 0) + (p.causal ? "" : " +bidirectional") + (p.sinks ? " +sinks" : "");
}

std::vector<TensorSpec> AttentionPrefill::inputs() const {
  std::vector<TensorSpec> specs = {{"qkv", {p.sequences * p.tokens, row()}, p.type, Fill::normal()}};
  if (p.sinks) specs.push_back({"sinks", {p.q_heads}, p.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> AttentionPrefill::outputs() const {
  return {{"y", {p.sequences * p.tokens, p.q_heads * p.head_dim}, p.type}};
}

// Two products of head_dim multiply-adds for every unmasked pair, as attention kernels are compared by: the
// softmax between them (about 5 a pair) runs on other units, and counting it would flatter the share of peak.
Cost AttentionPrefill::cost() const {
  const double t = static_cast<double>(p.tokens);
  const double w = p.window > 0 ? std::min(static_cast<double>(p.window), t) : t;
  const double causal = w * (w + 1) / 2 + (t - w) * w;  // rows still growing, rows as long as the window
  const double pairs = p.causal ? causal : t * t;
  return {.flops = 4 * static_cast<double>(p.sequences * p.q_heads * p.head_dim) * pairs,
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void AttentionPrefill::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const TensorView& qkv = in[0];
  const std::int64_t token = unit / p.q_heads, head = unit % p.q_heads;  // token counts through all sequences
  const std::int64_t kv_head = head / (p.q_heads / p.kv_heads);
  const std::int64_t start = token / p.tokens * p.tokens;  // of the sequence
  const std::int64_t first = p.window > 0 ? std::max(start, token - p.window + 1) : start;
  const std::int64_t end = start + end_of_keys(token - start);
  const std::int64_t q_at = token * row() + head * p.head_dim;
  const std::int64_t k_column = (p.q_heads + kv_head) * p.head_dim;
  const std::int64_t v_column = (p.q_heads + p.kv_heads + kv_head) * p.head_dim;

  std::vector<double> row_of(static_cast<std::size_t>(end - first)), y(static_cast<std::size_t>(p.head_dim));
  for (std::int64_t s = first; s < end; ++s) {
    double dot = 0;
    for (std::int64_t i = 0; i < p.head_dim; ++i) dot += qkv[q_at + i] * qkv[s * row() + k_column + i];
    row_of[static_cast<std::size_t>(s - first)] = dot;
  }
  attention_probabilities(row_of, static_cast<double>(scale()), static_cast<double>(p.softcap),
                          p.sinks ? std::optional(in[1][head]) : std::nullopt);
  for (std::int64_t s = first; s < end; ++s)
    for (std::int64_t i = 0; i < p.head_dim; ++i)
      y[static_cast<std::size_t>(i)] +=
          row_of[static_cast<std::size_t>(s - first)] * qkv[s * row() + v_column + i];
  for (std::int64_t i = 0; i < p.head_dim; ++i)
    out.set(0, unit * p.head_dim + i, y[static_cast<std::size_t>(i)]);
}

Tolerance AttentionPrefill::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  add_attention_parts(sum, p.type, p.head_dim, p.tokens, static_cast<double>(scale()),
                      static_cast<double>(p.softcap),
                      2 * (p.causal ? first_rows_over_all(p.tokens, p.window) : 1));
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> attention_prefill_examples() {
  using enum DType;
  std::vector<std::shared_ptr<const Op>> ops;
  const auto add = [&](const AttentionPrefill::Params& params) {
    ops.push_back(std::make_shared<const AttentionPrefill>(params));
  };
  add({.sequences = 1, .tokens = 1, .q_heads = 1, .kv_heads = 1, .head_dim = 64, .type = f32});
  for (const std::int64_t tokens : {15, 16, 17}) {
    add({.sequences = 2, .tokens = tokens, .q_heads = 7, .kv_heads = 1, .head_dim = 64, .type = f32});
    add({.sequences = 3, .tokens = tokens, .q_heads = 4, .kv_heads = 2, .head_dim = 128, .type = bf16});
  }
  add({.sequences = 2, .tokens = 77, .q_heads = 3, .kv_heads = 3, .head_dim = 96, .type = bf16});  // Phi-3
  add({.sequences = 1,
       .tokens = 131,
       .q_heads = 4,
       .kv_heads = 2,
       .head_dim = 256,
       .type = bf16,
       .softcap = 50});
  add({.sequences = 2, .tokens = 65, .q_heads = 4, .kv_heads = 2, .head_dim = 128, .type = f16});
  add({.sequences = 1, .tokens = 33, .q_heads = 2, .kv_heads = 1, .head_dim = 20, .type = f32});  // no round
                                                                                                  // head
  // A window of one token, one inside a tile, one across tiles, one longer than the prompt.
  add({.sequences = 1, .tokens = 19, .q_heads = 2, .kv_heads = 2, .head_dim = 64, .type = f32, .window = 1});
  add({.sequences = 2, .tokens = 70, .q_heads = 4, .kv_heads = 2, .head_dim = 64, .type = f32, .window = 7});
  add({.sequences = 1,
       .tokens = 200,
       .q_heads = 4,
       .kv_heads = 1,
       .head_dim = 128,
       .type = bf16,
       .window = 65});
  add({.sequences = 1, .tokens = 40, .q_heads = 2, .kv_heads = 1, .head_dim = 64, .type = f32, .window = 64});
  // Scores past the overflow of exp in f32, and a softcap that bends them.
  add({.sequences = 1, .tokens = 67, .q_heads = 4, .kv_heads = 2, .head_dim = 64, .type = f32, .scale = 8});
  add({.sequences = 1, .tokens = 67, .q_heads = 4, .kv_heads = 2, .head_dim = 128, .type = bf16, .scale = 8});
  add({.sequences = 1,
       .tokens = 67,
       .q_heads = 4,
       .kv_heads = 2,
       .head_dim = 64,
       .type = f32,
       .scale = 1,
       .softcap = 5});
  add({.sequences = 1,
       .tokens = 90,
       .q_heads = 8,
       .kv_heads = 4,
       .head_dim = 256,
       .type = bf16,
       .scale = 0.25f,
       .window = 33,
       .softcap = 5});
  add({.sequences = 1,
       .tokens = 131,
       .q_heads = 8,
       .kv_heads = 1,
       .head_dim = 64,
       .type = bf16,
       .window = 128,
       .sinks = true});  // gpt-oss
  // Layers: Qwen2.5-0.5B, SmolLM2-135M, Llama-3.1-8B.
  add({.sequences = 1, .tokens = 512, .q_heads = 14, .kv_heads = 2, .head_dim = 64, .type = bf16});
  add({.sequences = 4, .tokens = 128, .q_heads = 9, .kv_heads = 3, .head_dim = 64, .type = f32});
  add({.sequences = 1, .tokens = 300, .q_heads = 32, .kv_heads = 8, .head_dim = 128, .type = bf16});
  // Encoders: one token, tiles cut short at their last key, heads that share keys; ViT-B/16, BERT-base.
  const auto encoder = [&](std::int64_t sequences, std::int64_t tokens, std::int64_t heads,
                           std::int64_t head_dim, DType type) {
    add({.sequences = sequences,
         .tokens = tokens,
         .q_heads = heads,
         .kv_heads = heads,
         .head_dim = head_dim,
         .type = type,
         .causal = false});
  };
  encoder(3, 1, 2, 64, f32);
  encoder(2, 33, 3, 20, f32);
  encoder(2, 65, 2, 64, bf16);
  encoder(2, 63, 2, 128, f16);
  add({.sequences = 2,
       .tokens = 77,
       .q_heads = 4,
       .kv_heads = 2,
       .head_dim = 64,
       .type = bf16,
       .scale = 1,
       .softcap = 5,
       .causal = false});
  encoder(2, 197, 12, 64, bf16);
  encoder(1, 197, 12, 64, f32);
  encoder(1, 197, 12, 64, f16);
  encoder(1, 384, 12, 64, bf16);
  return ops;
}

}  // namespace assay
