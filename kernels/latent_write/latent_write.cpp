// SPDX-License-Identifier: Apache-2.0
#include "kernels/latent_write/latent_write.h"

#include "kernels/contract.h"

namespace assay {
namespace {

constexpr std::int64_t kBlock = KvCache::kBlockTokens;

}  // namespace

std::string LatentWrite::shape() const {
  return std::to_string(p.tokens) + " into " + std::to_string(p.cache.sequences) + "x" +
         std::to_string(p.cache.capacity) + " of " + std::to_string(p.heads.rank) + "+" +
         std::to_string(p.heads.rotary) + " " + std::string(name(p.cache.type)) + p.cache.text() +
         option("from", p.first_position, 0);
}

std::vector<TensorSpec> LatentWrite::inputs() const {
  return {{"latent", {p.tokens, p.heads.rank}, p.cache.type, Fill::normal()},
          {"key", {p.tokens, p.heads.rotary}, p.cache.type, Fill::normal()},
          {"positions", {p.tokens}, DType::i32, Fill::cycle(p.tokens / p.cache.sequences, p.first_position)},
          {"table", p.cache.table_shape(), DType::i32, Fill::permutation()},
          {"cache", p.cache.shape(), p.cache.element(), Fill::normal()}};
}

std::vector<TensorSpec> LatentWrite::outputs() const {
  return {{.name = "cache", .shape = p.cache.shape(), .dtype = p.cache.element(), .aliases_input = 4}};
}

Cost LatentWrite::cost() const {
  const double elements = static_cast<double>(p.tokens * p.heads.cached());
  const std::int64_t last = p.first_position + p.tokens / p.cache.sequences - 1;
  const std::int64_t entries = p.cache.sequences * (last / kBlock - p.first_position / kBlock + 1);
  return {.flops = 0,
          .bytes = in_memory({.read = elements * static_cast<double>(bytes_of(p.cache.type)) +
                                      static_cast<double>((p.tokens + entries) * bytes_of(DType::i32)),
                              .written = elements * static_cast<double>(bytes_of(p.cache.element()))})};
}

void LatentWrite::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t sequence = unit / (p.tokens / p.cache.sequences), position = in[2].integer(unit);
  const std::int64_t block = in[3].integer(sequence * p.cache.blocks_per_sequence() + position / kBlock);
  const std::int64_t to = p.cache.offset(block, 0, position);
  for (std::int64_t c = 0; c < p.heads.rank; ++c) out.set(0, to + c, in[0][unit * p.heads.rank + c]);
  for (std::int64_t c = 0; c < p.heads.rotary; ++c)
    out.set(0, to + p.heads.rank + c, in[1][unit * p.heads.rotary + c]);
}

Tolerance LatentWrite::tolerance() const {
  return p.cache.stored ? ToleranceSum(*p.cache.stored).roundings(1, "store").done() : exact("a copy");
}

std::vector<std::shared_ptr<const Op>> latent_write_examples() {
  using enum DType;
  const auto op = [](std::int64_t tokens, LatentHeads heads, std::int64_t sequences, std::int64_t capacity,
                     DType type, std::int64_t first, std::optional<DType> stored = {}) {
    return std::make_shared<const LatentWrite>(
        LatentWrite::Params{.tokens = tokens,
                            .heads = heads,
                            .cache = latent_cache(heads, sequences, capacity, type, stored),
                            .first_position = first});
  };
  return {
      op(3, {1, 5, 4, 4, 4}, 1, 21, f32, 0),
      op(3, {1, 17, 4, 6, 4}, 3, 40, f16, 17),
      op(36, {2, 33, 8, 8, 8}, 2, 50, bf16, 15),
      op(8, {16, 512, 128, 64, 128}, 8, 1024, bf16, 511),  // DeepSeek-V2-Lite
      op(64, {16, 512, 128, 64, 128}, 1, 128, bf16, 0, f8e4m3),
  };
}

}  // namespace assay
