// SPDX-License-Identifier: Apache-2.0
#include "kernels/latent_rope/latent_rope.h"

#include <algorithm>

#include "kernels/contract.h"

namespace assay {

std::string LatentRope::shape() const {
  return std::to_string(p.tokens) + " heads " + text_of(p.heads) + " at " + std::to_string(p.positions) +
         " " + std::string(name(p.type)) + option("eps", p.eps, 1e-6f);
}

std::vector<TensorSpec> LatentRope::inputs() const {
  return {{"q", {p.tokens, p.heads.q_width()}, p.type, Fill::normal()},
          {"kv", {p.tokens, p.heads.cached()}, p.type, Fill::normal()},
          {"positions", {p.tokens}, DType::i32, Fill::index(p.positions)},
          {"table", {p.positions, p.heads.rotary / 2, 2}, DType::f32, Fill::normal()},
          {"gain", {p.heads.rank}, p.type, Fill::normal(0.1, 1)}};
}

std::vector<TensorSpec> LatentRope::outputs() const {
  return {{.name = "q", .shape = {p.tokens, p.heads.q_width()}, .dtype = p.type, .aliases_input = 0},
          {"latent", {p.tokens, p.heads.rank}, p.type},
          {"key", {p.tokens, p.heads.rotary}, p.type}};
}

// A pair is 4 products and 2 adds; the norm is 4 an element, as in rmsnorm. What is not rotated of a query
// stays where it is.
Cost LatentRope::cost() const {
  const double tokens = static_cast<double>(p.tokens), element = static_cast<double>(bytes_of(p.type));
  const double rotated = tokens * static_cast<double>((p.heads.heads + 1) * p.heads.rotary);
  const double latent = tokens * static_cast<double>(p.heads.rank);
  const double rows = static_cast<double>(std::min(p.tokens, p.positions));
  const double table = rows * static_cast<double>(p.heads.rotary * bytes_of(DType::f32));
  const double other =
      tokens * static_cast<double>(bytes_of(DType::i32)) + static_cast<double>(p.heads.rank) * element;
  const double moved = (rotated + latent) * element;
  return {.flops = 3 * rotated + 4 * latent,
          .bytes = in_memory({.read = moved + table + other, .written = moved})};
}

void LatentRope::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const LatentHeads& h = p.heads;
  const std::int64_t row = in[2].integer(unit) * h.rotary, head = h.plain + h.rotary;
  const auto rotate = [&](std::size_t from, std::int64_t at, std::size_t to, std::int64_t to_at) {
    for (std::int64_t i = 0; i < h.rotary; i += 2) {
      const double a = in[from][at + i], b = in[from][at + i + 1];
      const double cos = in[3][row + i], sin = in[3][row + i + 1];
      out.set(to, to_at + i, a * cos - b * sin);
      out.set(to, to_at + i + 1, b * cos + a * sin);
    }
  };
  for (std::int64_t i = 0; i < h.heads; ++i) {
    const std::int64_t at = unit * h.q_width() + i * head;
    for (std::int64_t c = 0; c < h.plain; ++c) out.set(0, at + c, in[0][at + c]);
    rotate(0, at + h.plain, 0, at + h.plain);
  }
  const std::int64_t kv = unit * h.cached();
  double squares = 0;
  for (std::int64_t c = 0; c < h.rank; ++c) squares += in[1][kv + c] * in[1][kv + c];
  const double inverse = 1 / std::sqrt(squares / static_cast<double>(h.rank) + static_cast<double>(p.eps));
  for (std::int64_t c = 0; c < h.rank; ++c) out.set(1, unit * h.rank + c, in[1][kv + c] * inverse * in[4][c]);
  rotate(1, kv + h.rank, 2, unit * h.rotary);
}

Tolerance LatentRope::tolerance() const {
  return ToleranceSum(p.type)
      .roundings(1, "store")
      .f32_roundings(16, "rotation in f32")
      .f32_roundings(8 + std::sqrt(static_cast<double>(p.heads.rank)), "f32 sum of sqrt(rank) + 8")
      .done();
}

std::vector<std::shared_ptr<const Op>> latent_rope_examples() {
  using enum DType;
  const auto op = [](std::int64_t tokens, LatentHeads heads, std::int64_t positions, DType type,
                     float eps = 1e-6f) {
    return std::make_shared<const LatentRope>(LatentRope::Params{
        .tokens = tokens, .heads = heads, .positions = positions, .type = type, .eps = eps});
  };
  return {
      op(3, {3, 17, 5, 4, 7}, 11, f32),
      op(5, {1, 6, 4, 2, 3}, 1, bf16),
      op(4, {4, 33, 16, 8, 16}, 40, f16, 0.5f),
      op(1, {16, 512, 128, 64, 128}, 2048, bf16),  // DeepSeek-V2-Lite, decode
      op(17, {16, 512, 128, 64, 128}, 512, bf16),
      op(9, {128, 512, 128, 64, 128}, 64, bf16),  // DeepSeek-V3
  };
}

}  // namespace assay
