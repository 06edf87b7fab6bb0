// SPDX-License-Identifier: Apache-2.0
#include "kernels/latent_attention_decode/latent_attention_decode.h"

#include "kernels/attention.h"

namespace assay {
namespace {

constexpr std::int64_t kBlock = KvCache::kBlockTokens;

}  // namespace

std::string LatentAttentionDecode::shape() const {
  return std::to_string(p.cache.sequences) + "x" + std::to_string(p.context) + " of " +
         std::to_string(p.cache.capacity) + " heads " + text_of(p.heads) + " " +
         std::string(name(p.cache.type)) + p.cache.text() + (p.format ? " x " + p.format->name : "") +
         option("scale", p.scale, 1);
}

std::vector<TensorSpec> LatentAttentionDecode::inputs() const {
  const DType type = p.cache.type;
  std::vector<TensorSpec> specs = {
      {"q", {p.cache.sequences, p.heads.q_width()}, type, Fill::normal()},
      {"positions", {p.cache.sequences}, DType::i32, Fill::constant(p.context - 1)},
      {"table", p.cache.table_shape(), DType::i32, Fill::permutation()},
      {"cache", p.cache.shape(), p.cache.element(), Fill::normal()}};
  if (p.format)
    for (TensorSpec& spec : p.format->tensors(p.heads.kv_width(), p.heads.rank))
      specs.push_back(std::move(spec));
  else
    specs.push_back({"w",
                     {p.heads.kv_width(), p.heads.rank},
                     type,
                     Fill::normal(1 / std::sqrt(static_cast<double>(p.heads.rank)))});
  return specs;
}

std::vector<TensorSpec> LatentAttentionDecode::outputs() const {
  return {{"y", {p.cache.sequences, p.heads.y_width()}, p.cache.type}};
}

// Attended tokens alone, and the table's entries of their blocks. A head's products: w with its query, with
// each latent vector (of which the values' need no rotated part), and w with the sum.
Cost LatentAttentionDecode::cost() const {
  const double sequences = static_cast<double>(p.cache.sequences), n = static_cast<double>(p.context);
  const double ours = static_cast<double>(p.heads.rank * (p.heads.plain + p.heads.value));
  const double attended = static_cast<double>(2 * p.heads.rank + p.heads.rotary) * n;
  double read = 0;
  const std::vector<TensorSpec> specs = inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (i < 2 || i > 3) read += static_cast<double>(specs[i].bytes());
  const double entries = static_cast<double>((p.context - 1) / kBlock + 1);
  read += sequences * (entries * static_cast<double>(bytes_of(DType::i32)) +
                       n * static_cast<double>(p.heads.cached() * bytes_of(p.cache.element())));
  return {.flops = 2 * sequences * static_cast<double>(p.heads.heads) * (ours + attended),
          .bytes = in_memory({.read = read, .written = bytes_of(outputs())})};
}

void LatentAttentionDecode::reference(std::span<const TensorView> in, std::int64_t unit,
                                      Expected& out) const {
  const LatentHeads& h = p.heads;
  const std::int64_t sequence = unit / h.heads, head = unit % h.heads, position = in[1].integer(sequence);
  const std::int64_t q = sequence * h.q_width() + head * (h.plain + h.rotary);
  const std::int64_t first_row = head * (h.plain + h.value);
  const auto w = [&](std::int64_t row, std::int64_t c) {
    return p.format ? p.format->weight(in.subspan(4), h.rank, first_row + row, c)
                    : in[4][(first_row + row) * h.rank + c];
  };
  const auto cached = [&](std::int64_t s) {
    return p.cache.offset(in[2].integer(sequence * p.cache.blocks_per_sequence() + s / kBlock), 0, s);
  };
  const auto rank = static_cast<std::size_t>(h.rank);
  std::vector<double> absorbed(rank), sum(rank), row;
  for (std::int64_t c = 0; c < h.rank; ++c)
    for (std::int64_t i = 0; i < h.plain; ++i)
      absorbed[static_cast<std::size_t>(c)] += in[0][q + i] * w(i, c);
  for (std::int64_t s = 0; s <= position; ++s) {
    const std::int64_t at = cached(s);
    double dot = 0;
    for (std::int64_t c = 0; c < h.rank; ++c) dot += absorbed[static_cast<std::size_t>(c)] * in[3][at + c];
    for (std::int64_t i = 0; i < h.rotary; ++i) dot += in[0][q + h.plain + i] * in[3][at + h.rank + i];
    row.push_back(dot);
  }
  attention_probabilities(row, static_cast<double>(p.scale), 0);
  for (std::int64_t s = 0; s <= position; ++s)
    for (std::int64_t c = 0; c < h.rank; ++c)
      sum[static_cast<std::size_t>(c)] += row[static_cast<std::size_t>(s)] * in[3][cached(s) + c];
  for (std::int64_t i = 0; i < h.value; ++i) {
    double y = 0;
    for (std::int64_t c = 0; c < h.rank; ++c) y += w(h.plain + i, c) * sum[static_cast<std::size_t>(c)];
    out.set(0, unit * h.value + i, y);
  }
}

Tolerance LatentAttentionDecode::tolerance() const {
  ToleranceSum sum(p.cache.type);
  sum.roundings(1, "store").roundings(3, "the query and the sum, in the latent space");
  if (p.format) sum.roundings(2, "weights brought to the activations' type");
  add_attention_parts(sum, p.cache.type, p.heads.rank + p.heads.rotary, p.context,
                      static_cast<double>(p.scale), 0, 3);
  sum.f32_roundings(8 * std::sqrt(static_cast<double>(p.heads.rank)), "f32 sums of sqrt(rank)");
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> latent_attention_decode_examples() {
  using enum DType;
  const auto op = [](LatentHeads heads, std::int64_t sequences, std::int64_t capacity, std::int64_t context,
                     DType type, float scale, std::optional<DType> stored = {},
                     std::optional<WeightFormat> format = {}) {
    return std::make_shared<const LatentAttentionDecode>(
        LatentAttentionDecode::Params{.heads = heads,
                                      .cache = latent_cache(heads, sequences, capacity, type, stored),
                                      .context = context,
                                      .format = std::move(format),
                                      .scale = scale});
  };
  const LatentHeads lite = {16, 512, 128, 64, 128};  // DeepSeek-V2-Lite
  return {
      op({1, 8, 4, 2, 3}, 1, 16, 1, f32, 1),
      op({3, 16, 5, 4, 7}, 2, 40, 17, f32, 0.3f),
      op({2, 32, 16, 8, 16}, 3, 64, 33, f16, 0.2f),
      op(lite, 2, 300, 259, bf16, 0.0722f),
      op(lite, 1, 2048, 2000, bf16, 0.0722f),
      op(lite, 2, 300, 100, bf16, 0.0722f, f8e4m3, weight_format("e4m3 in blocks")),
  };
}

}  // namespace assay
