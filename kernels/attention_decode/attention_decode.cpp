// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_decode/attention_decode.h"

#include "kernels/attention.h"

namespace assay {
namespace {

constexpr std::int64_t kBlock = KvCache::kBlockTokens;

std::int64_t attended(std::int64_t context, std::int64_t window) {
  return window > 0 ? std::min(context, window) : context;
}

}  // namespace

float AttentionDecode::scale() const {
  return p.scale != 0 ? p.scale : 1 / std::sqrt(static_cast<float>(p.cache.head_dim));
}

std::string AttentionDecode::shape() const {
  return std::to_string(p.cache.sequences) + "x" + std::to_string(p.context) + " of " +
         std::to_string(p.cache.capacity) + " heads " + std::to_string(p.q_heads) + "/" +
         std::to_string(p.cache.kv_heads) + "x" + std::to_string(p.cache.head_dim) + " " +
         std::string(name(p.cache.type)) + p.cache.text() + option("window", p.window, 0) +
         option("softcap", p.softcap, 0) + option("scale", p.scale, 0) + (p.sinks ? " +sinks" : "");
}

std::vector<TensorSpec> AttentionDecode::inputs() const {
  std::vector<TensorSpec> specs = {
      {"qkv", {p.cache.sequences, row()}, p.cache.type, Fill::normal()},
      {"positions", {p.cache.sequences}, DType::i32, Fill::constant(p.context - 1)},
      {"table", p.cache.table_shape(), DType::i32, Fill::permutation()},
      {"k_cache", p.cache.shape(), p.cache.element(), Fill::normal()},
      {"v_cache", p.cache.shape(), p.cache.element(), Fill::normal()}};
  if (p.sinks) specs.push_back({"sinks", {p.q_heads}, p.cache.type, Fill::normal()});
  return specs;
}

std::vector<TensorSpec> AttentionDecode::outputs() const {
  return {{"y", {p.cache.sequences, p.q_heads * p.cache.head_dim}, p.cache.type}};
}

// Attended tokens alone: their keys and values, and the table's entries of their blocks; of qkv only the
// queries, since kv_write has put the new key and value into the cache. Products alone count, as in
// attention_prefill.
Cost AttentionDecode::cost() const {
  const std::int64_t n = attended(p.context, p.window);
  const double element_bytes = static_cast<double>(bytes_of(p.cache.type));
  const double query_bytes =
      static_cast<double>(p.cache.sequences * p.q_heads * p.cache.head_dim) * element_bytes;
  const double kv_bytes =
      static_cast<double>(p.cache.sequences * n * 2 * p.cache.kv_heads * p.cache.head_dim) *
      static_cast<double>(bytes_of(p.cache.element()));
  const double sink_bytes = p.sinks ? static_cast<double>(p.q_heads) * element_bytes : 0;
  const std::int64_t entries = (p.context - 1) / kBlock - (p.context - n) / kBlock + 1;
  return {.flops = 4 * static_cast<double>(p.cache.sequences * p.q_heads * p.cache.head_dim) *
                   static_cast<double>(n),
          .bytes = in_memory(
              {.read = query_bytes + kv_bytes + sink_bytes +
                       static_cast<double>(p.cache.sequences * (1 + entries) * bytes_of(DType::i32)),
               .written = query_bytes})};
}

void AttentionDecode::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t sequence = unit / p.q_heads, head = unit % p.q_heads, d = p.cache.head_dim;
  const std::int64_t kv_head = head / (p.q_heads / p.cache.kv_heads);
  const std::int64_t position = in[1].integer(sequence), q_at = sequence * row() + head * d;
  const std::int64_t first = position + 1 - attended(position + 1, p.window);
  const auto offset = [&](std::int64_t token) {
    const std::int64_t block = in[2].integer(sequence * p.cache.blocks_per_sequence() + token / kBlock);
    return p.cache.offset(block, kv_head, token);
  };

  std::vector<double> row_of(static_cast<std::size_t>(position - first + 1)), y(static_cast<std::size_t>(d));
  for (std::int64_t s = first; s <= position; ++s) {
    const std::int64_t k_at = offset(s);
    double dot = 0;
    for (std::int64_t i = 0; i < d; ++i) dot += in[0][q_at + i] * in[3][k_at + i];
    row_of[static_cast<std::size_t>(s - first)] = dot;
  }
  attention_probabilities(row_of, static_cast<double>(scale()), static_cast<double>(p.softcap),
                          p.sinks ? std::optional(in[5][head]) : std::nullopt);
  for (std::int64_t s = first; s <= position; ++s) {
    const std::int64_t v_at = offset(s);
    for (std::int64_t i = 0; i < d; ++i)
      y[static_cast<std::size_t>(i)] += row_of[static_cast<std::size_t>(s - first)] * in[4][v_at + i];
  }
  for (std::int64_t i = 0; i < d; ++i) out.set(0, unit * d + i, y[static_cast<std::size_t>(i)]);
}

// All rows are equally long, so the errors of the probabilities show in y as they are: at random, 3 of them
// for the worst of many outputs.
Tolerance AttentionDecode::tolerance() const {
  ToleranceSum sum(p.cache.type);
  sum.roundings(1, "store");
  add_attention_parts(sum, p.cache.type, p.cache.head_dim, attended(p.context, p.window),
                      static_cast<double>(scale()), static_cast<double>(p.softcap), 3);
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> attention_decode_examples() {
  using enum DType;
  std::vector<std::shared_ptr<const Op>> ops;
  const auto add = [&](const AttentionDecode::Params& params) {
    ops.push_back(std::make_shared<const AttentionDecode>(params));
  };
  // cache: {sequences, capacity, kv_heads, head_dim, type}
  for (const std::int64_t context : {1, 15, 16, 17}) {
    add({.q_heads = 7, .cache = {2, 40, 1, 64, f32}, .context = context});
    add({.q_heads = 4, .cache = {3, 40, 2, 128, bf16}, .context = context});
  }
  add({.q_heads = 3, .cache = {3, 129, 3, 96, bf16}, .context = 77});
  add({.q_heads = 4, .cache = {2, 300, 2, 256, bf16}, .context = 131, .softcap = 50});  // Gemma-2
  add({.q_heads = 8, .cache = {2, 300, 2, 128, f16}, .context = 259});
  add({.q_heads = 2, .cache = {1, 50, 1, 20, f32}, .context = 33});  // no round head
  // A window of one token, one inside a block, one across blocks, one longer than the context.
  add({.q_heads = 2, .cache = {2, 50, 2, 64, f32}, .context = 33, .window = 1});
  add({.q_heads = 4, .cache = {2, 100, 2, 64, f32}, .context = 70, .window = 7});
  add({.q_heads = 4, .cache = {1, 300, 1, 128, bf16}, .context = 200, .window = 65});
  add({.q_heads = 2, .cache = {1, 64, 1, 64, f32}, .context = 40, .window = 64});
  // Scores past the overflow of exp in f32, and a softcap that bends them.
  add({.q_heads = 4, .cache = {2, 128, 2, 64, f32}, .context = 100, .scale = 8});
  add({.q_heads = 4, .cache = {2, 128, 2, 128, bf16}, .context = 100, .scale = 8});
  add({.q_heads = 4, .cache = {2, 128, 2, 64, f32}, .context = 100, .scale = 1, .softcap = 5});
  add({.q_heads = 8,
       .cache = {2, 128, 4, 256, bf16},
       .context = 90,
       .scale = 0.25f,
       .window = 33,
       .softcap = 5});
  add({.q_heads = 8,
       .cache = {2, 300, 1, 64, bf16},
       .context = 200,
       .window = 128,
       .sinks = true});  // gpt-oss
  add({.q_heads = 8, .cache = {2, 300, 2, 128, bf16, f8e4m3}, .context = 259});
  // Layers: Qwen2.5-0.5B, SmolLM2-135M, Llama-3.1-8B; one long enough to be split many ways.
  add({.q_heads = 14, .cache = {1, 1024, 2, 64, bf16}, .context = 577});
  add({.q_heads = 14, .cache = {8, 1024, 2, 64, bf16}, .context = 1000});
  add({.q_heads = 9, .cache = {4, 512, 3, 64, f32}, .context = 300});
  add({.q_heads = 32, .cache = {4, 2048, 8, 128, bf16}, .context = 2000});
  add({.q_heads = 14, .cache = {1, 16384, 2, 64, bf16}, .context = 16001});
  return ops;
}

}  // namespace assay
