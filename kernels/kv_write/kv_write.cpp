// SPDX-License-Identifier: Apache-2.0
#include "kernels/kv_write/kv_write.h"

#include "kernels/contract.h"

namespace assay {
namespace {

constexpr std::int64_t kBlock = KvCache::kBlockTokens;

}  // namespace

std::string KvWrite::shape() const {
  return std::to_string(p.tokens) + " into " + std::to_string(p.cache.sequences) + "x" +
         std::to_string(p.cache.capacity) + " heads " + std::to_string(p.q_heads) + "/" +
         std::to_string(p.cache.kv_heads) + "x" + std::to_string(p.cache.head_dim) + " " +
         std::string(name(p.cache.type)) + p.cache.text() + option("from", p.first_position, 0);
}

std::vector<TensorSpec> KvWrite::inputs() const {
  return {{"qkv", {p.tokens, row()}, p.cache.type, Fill::normal()},
          {"positions", {p.tokens}, DType::i32, Fill::cycle(p.tokens / p.cache.sequences, p.first_position)},
          {"table", p.cache.table_shape(), DType::i32, Fill::permutation()},
          {"k_cache", p.cache.shape(), p.cache.element(), Fill::normal()},
          {"v_cache", p.cache.shape(), p.cache.element(), Fill::normal()}};
}

std::vector<TensorSpec> KvWrite::outputs() const {
  return {{.name = "k_cache", .shape = p.cache.shape(), .dtype = p.cache.element(), .aliases_input = 3},
          {.name = "v_cache", .shape = p.cache.shape(), .dtype = p.cache.element(), .aliases_input = 4}};
}

// Key and value heads of the new rows, their positions, and the table's entries for the blocks they fall
// into.
Cost KvWrite::cost() const {
  const double elements = static_cast<double>(p.tokens * 2 * p.cache.kv_heads * p.cache.head_dim);
  const double taken = elements * static_cast<double>(bytes_of(p.cache.type));
  const std::int64_t last = p.first_position + p.tokens / p.cache.sequences - 1;
  const std::int64_t entries = p.cache.sequences * (last / kBlock - p.first_position / kBlock + 1);
  return {
      .flops = 0,
      .bytes = in_memory({.read = taken + static_cast<double>((p.tokens + entries) * bytes_of(DType::i32)),
                          .written = elements * static_cast<double>(bytes_of(p.cache.element()))})};
}

// Besides its own slot, a token answers for the slots next to it in its block that no token of this call
// writes: they must be as they were. A slot between two written ones is answered for by the earlier.
void KvWrite::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t rows = p.tokens / p.cache.sequences, sequence = unit / rows, first = sequence * rows;
  const std::int64_t position = in[1].integer(unit);
  const std::int64_t block = in[2].integer(sequence * p.cache.blocks_per_sequence() + position / kBlock);
  const auto written = [&](std::int64_t other) {
    for (std::int64_t r = first; r < first + rows; ++r)
      if (in[1].integer(r) == other) return true;
    return false;
  };
  const std::int64_t in_block = position % kBlock;
  const bool next_untouched = in_block + 1 < kBlock && !written(position + 1);
  const bool previous_untouched =
      in_block > 0 && !written(position - 1) && !(in_block > 1 && written(position - 2));

  for (std::size_t cache = 0; cache < 2; ++cache) {
    for (std::int64_t head = 0; head < p.cache.kv_heads; ++head) {
      const std::int64_t from =
          unit * row() +
          (p.q_heads + static_cast<std::int64_t>(cache) * p.cache.kv_heads + head) * p.cache.head_dim;
      const std::int64_t to = p.cache.offset(block, head, position);
      for (std::int64_t i = 0; i < p.cache.head_dim; ++i) {
        out.set(cache, to + i, in[0][from + i]);
        const std::int64_t next = to + p.cache.head_dim + i, previous = to - p.cache.head_dim + i;
        if (next_untouched) out.set(cache, next, in[3 + cache][next]);
        if (previous_untouched) out.set(cache, previous, in[3 + cache][previous]);
      }
    }
  }
}

Tolerance KvWrite::tolerance() const {
  return p.cache.stored ? ToleranceSum(*p.cache.stored).roundings(1, "store").done() : exact("a copy");
}

std::vector<std::shared_ptr<const Op>> kv_write_examples() {
  const auto op = [](std::int64_t tokens, std::int64_t q_heads, KvCache cache, std::int64_t first_position) {
    return std::make_shared<const KvWrite>(KvWrite::Params{
        .tokens = tokens, .q_heads = q_heads, .cache = cache, .first_position = first_position});
  };
  return {
      // {sequences, capacity, kv_heads, head_dim, type}
      op(3, 3, {1, 21, 1, 5, DType::f32}, 0),
      op(3, 4, {3, 40, 2, 20, DType::f32}, 17),       // a decode step
      op(36, 2, {2, 50, 2, 96, DType::f16}, 15),      // over three blocks
      op(34, 7, {2, 33, 1, 80, DType::bf16}, 16),     // to the end of the cache, from the start of a block
      op(8, 14, {8, 1024, 2, 64, DType::bf16}, 511),  // Qwen2.5-0.5B
      op(512, 14, {1, 576, 2, 64, DType::bf16}, 0),
      op(512, 9, {4, 192, 3, 64, DType::f32}, 0),
      op(64, 32, {4, 512, 8, 128, DType::bf16}, 100),
      op(16, 8, {16, 64, 4, 256, DType::bf16}, 63),
      op(34, 7, {2, 33, 1, 80, DType::bf16, DType::f8e4m3}, 16),
  };
}

}  // namespace assay
