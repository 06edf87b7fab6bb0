// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope.h"

#include <algorithm>

#include "kernels/contract.h"

namespace assay {

std::string Rope::shape() const {
  return std::to_string(p.tokens) + " heads " + std::to_string(p.q_heads) + "/" + std::to_string(p.kv_heads) +
         "x" + std::to_string(p.head_dim) + " of " + std::to_string(p.positions) + " " +
         std::string(name(p.type)) + (p.qk_norm ? " +qk_norm" : "") + option("eps", p.eps, 1e-6f) +
         option("rotary", p.rotary, 0) + option("offset", p.norm_offset, 0);
}

std::vector<TensorSpec> Rope::inputs() const {
  std::vector<TensorSpec> specs = {{"qkv", {p.tokens, row()}, p.type, Fill::normal()},
                                   {"positions", {p.tokens}, DType::i32, Fill::index(p.positions)},
                                   {"table", {p.positions, rotary() / 2, 2}, DType::f32, Fill::normal()}};
  if (p.qk_norm) {
    const double gain = 1 - static_cast<double>(p.norm_offset);
    specs.push_back({"q_norm", {p.head_dim}, p.type, Fill::normal(0.1, gain)});
    specs.push_back({"k_norm", {p.head_dim}, p.type, Fill::normal(0.1, gain)});
  }
  return specs;
}

std::vector<TensorSpec> Rope::outputs() const {
  return {{.name = "qkv", .shape = {p.tokens, row()}, .dtype = p.type, .aliases_input = 0}};
}

// A pair is 4 products and 2 adds; the norm is 4 an element, as in rmsnorm. Tokens at the same position share
// a row of the table, of which there are `positions` at most.
Cost Rope::cost() const {
  const double heads = static_cast<double>(p.tokens * (p.q_heads + p.kv_heads));
  const double rotated = heads * static_cast<double>(rotary());
  const double normed = p.qk_norm ? heads * static_cast<double>(p.head_dim) : 0;
  const double head_bytes = std::max(rotated, normed) * static_cast<double>(bytes_of(p.type));
  const double table_rows = static_cast<double>(std::min(p.tokens, p.positions));
  const double table_bytes = table_rows * static_cast<double>(rotary() * bytes_of(DType::f32));
  const double position_bytes = static_cast<double>(p.tokens * bytes_of(DType::i32));
  const double norm_bytes = p.qk_norm ? static_cast<double>(2 * p.head_dim * bytes_of(p.type)) : 0;
  return {.flops = 3 * rotated + 4 * normed,
          .bytes = in_memory(
              {.read = head_bytes + table_bytes + position_bytes + norm_bytes, .written = head_bytes})};
}

void Rope::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t half = rotary() / 2, table_row = in[1].integer(unit) * rotary();
  for (std::int64_t head = 0; head < p.q_heads + 2 * p.kv_heads; ++head) {
    const std::int64_t from = unit * row() + head * p.head_dim;
    if (head >= p.q_heads + p.kv_heads) {  // a value head: still there, and as it was
      for (std::int64_t i = 0; i < p.head_dim; ++i) out.set(0, from + i, in[0][from + i]);
      continue;
    }
    double inv_rms = 1;
    if (p.qk_norm) {
      double sum_sq = 0;
      for (std::int64_t i = 0; i < p.head_dim; ++i) sum_sq += in[0][from + i] * in[0][from + i];
      inv_rms = 1 / std::sqrt(sum_sq / static_cast<double>(p.head_dim) + static_cast<double>(p.eps));
    }
    const auto h = [&](std::int64_t i) {
      const double weight =
          p.qk_norm ? in[head < p.q_heads ? 3 : 4][i] + static_cast<double>(p.norm_offset) : 1;
      return in[0][from + i] * inv_rms * weight;
    };
    for (std::int64_t i = 0; i < half; ++i) {
      const double a = h(i), b = h(i + half), cos = in[2][table_row + 2 * i],
                   sin = in[2][table_row + 2 * i + 1];
      out.set(0, from + i, a * cos - b * sin);
      out.set(0, from + i + half, b * cos + a * sin);
    }
    for (std::int64_t i = rotary(); i < p.head_dim; ++i) out.set(0, from + i, h(i));
  }
}

Tolerance Rope::tolerance() const {
  ToleranceSum sum(p.type);
  // The two products may cancel: each is up to 10 times the rms of the result.
  sum.roundings(1, "store").f32_roundings(16, "rotation in f32");
  if (p.qk_norm) sum.f32_roundings(2 * (8 + std::sqrt(static_cast<double>(p.head_dim))), "norm of 2 terms");
  return sum.done();
}

std::vector<std::shared_ptr<const Op>> rope_examples() {
  const auto op = [](const Rope::Params& params) { return std::make_shared<const Rope>(params); };
  return {
      op({.tokens = 3, .q_heads = 3, .kv_heads = 1, .head_dim = 6, .positions = 11, .type = DType::f32}),
      op({.tokens = 5, .q_heads = 7, .kv_heads = 1, .head_dim = 80, .positions = 37, .type = DType::bf16}),
      op({.tokens = 17,
          .q_heads = 4,
          .kv_heads = 4,
          .head_dim = 96,
          .positions = 64,
          .type = DType::f16}),  // Phi-3
      op({.tokens = 9,
          .q_heads = 4,
          .kv_heads = 2,
          .head_dim = 32,
          .positions = 16,
          .type = DType::f32,
          .qk_norm = true}),
      op({.tokens = 9,
          .q_heads = 2,
          .kv_heads = 1,
          .head_dim = 64,
          .positions = 16,
          .type = DType::f32,
          .qk_norm = true,
          .eps = 0.5f}),  // eps that shows
      op({.tokens = 1, .q_heads = 14, .kv_heads = 2, .head_dim = 64, .positions = 2048, .type = DType::bf16}),
      op({.tokens = 512,
          .q_heads = 14,
          .kv_heads = 2,
          .head_dim = 64,
          .positions = 2048,
          .type = DType::bf16}),
      op({.tokens = 512, .q_heads = 9, .kv_heads = 3, .head_dim = 64, .positions = 1024, .type = DType::f32}),
      op({.tokens = 64,
          .q_heads = 32,
          .kv_heads = 8,
          .head_dim = 128,
          .positions = 512,
          .type = DType::bf16,
          .qk_norm = true}),  // Qwen3-8B
      op({.tokens = 9,
          .q_heads = 8,
          .kv_heads = 1,
          .head_dim = 128,
          .positions = 64,
          .type = DType::bf16,
          .qk_norm = true,
          .rotary = 64}),  // GLM-4.5
      op({.tokens = 9,
          .q_heads = 4,
          .kv_heads = 1,
          .head_dim = 256,
          .positions = 64,
          .type = DType::bf16,
          .qk_norm = true,
          .norm_offset = 1}),  // Gemma-3
      op({.tokens = 16,
          .q_heads = 8,
          .kv_heads = 4,
          .head_dim = 256,
          .positions = 128,
          .type = DType::bf16}),  // Gemma-2
  };
}

}  // namespace assay
