// SPDX-License-Identifier: Apache-2.0
#include "kernels/latent_attention_prefill/latent_attention_prefill.h"

#include "kernels/attention.h"

namespace assay {

std::string LatentAttentionPrefill::shape() const {
  return std::to_string(p.sequences) + "x" + std::to_string(p.tokens) + " heads " + text_of(p.heads) + " " +
         std::string(name(p.type)) + option("scale", p.scale, 1);
}

std::vector<TensorSpec> LatentAttentionPrefill::inputs() const {
  const std::int64_t rows = p.sequences * p.tokens;
  return {{"q", {rows, p.heads.q_width()}, p.type, Fill::normal()},
          {"kv", {rows, p.heads.kv_width()}, p.type, Fill::normal()},
          {"key", {rows, p.heads.rotary}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> LatentAttentionPrefill::outputs() const {
  return {{"y", {p.sequences * p.tokens, p.heads.y_width()}, p.type}};
}

// Two products for every unmasked pair, of a key's and of a value's width, as in attention_prefill.
Cost LatentAttentionPrefill::cost() const {
  const double t = static_cast<double>(p.tokens), pairs = t * (t + 1) / 2;
  const double widths = static_cast<double>(p.heads.plain + p.heads.rotary + p.heads.value);
  return {.flops = 2 * static_cast<double>(p.sequences * p.heads.heads) * widths * pairs,
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void LatentAttentionPrefill::reference(std::span<const TensorView> in, std::int64_t unit,
                                       Expected& out) const {
  const LatentHeads& h = p.heads;
  const std::int64_t token = unit / h.heads, head = unit % h.heads, start = token / p.tokens * p.tokens;
  const std::int64_t q = token * h.q_width() + head * (h.plain + h.rotary);
  const auto kv = [&](std::int64_t s) { return s * h.kv_width() + head * (h.plain + h.value); };
  std::vector<double> row, y(static_cast<std::size_t>(h.value));
  for (std::int64_t s = start; s <= token; ++s) {
    double dot = 0;
    for (std::int64_t i = 0; i < h.plain; ++i) dot += in[0][q + i] * in[1][kv(s) + i];
    for (std::int64_t i = 0; i < h.rotary; ++i) dot += in[0][q + h.plain + i] * in[2][s * h.rotary + i];
    row.push_back(dot);
  }
  attention_probabilities(row, static_cast<double>(p.scale), 0);
  for (std::int64_t s = start; s <= token; ++s)
    for (std::int64_t i = 0; i < h.value; ++i)
      y[static_cast<std::size_t>(i)] += row[static_cast<std::size_t>(s - start)] * in[1][kv(s) + h.plain + i];
  for (std::int64_t i = 0; i < h.value; ++i) out.set(0, unit * h.value + i, y[static_cast<std::size_t>(i)]);
}

Tolerance LatentAttentionPrefill::tolerance() const {
  ToleranceSum sum(p.type);
  sum.roundings(1, "store");
  add_attention_parts(sum, p.type, p.heads.plain + p.heads.rotary, p.tokens, static_cast<double>(p.scale), 0,
                      2 * first_rows_over_all(p.tokens, 0));
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> latent_attention_prefill_examples() {
  using enum DType;
  const auto op = [](std::int64_t sequences, std::int64_t tokens, LatentHeads heads, DType type,
                     float scale) {
    return std::make_shared<const LatentAttentionPrefill>(LatentAttentionPrefill::Params{
        .sequences = sequences, .tokens = tokens, .heads = heads, .type = type, .scale = scale});
  };
  return {
      op(1, 1, {1, 8, 4, 2, 3}, f32, 1),
      op(2, 17, {3, 16, 5, 4, 7}, f32, 0.3f),
      op(1, 33, {2, 32, 16, 8, 16}, f16, 0.2f),
      op(2, 16, {4, 512, 128, 64, 128}, bf16, 0.0722f),
      op(1, 129, {16, 512, 128, 64, 128}, bf16, 0.0722f),  // DeepSeek-V2-Lite
  };
}

}  // namespace assay
