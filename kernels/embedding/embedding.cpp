// SPDX-License-Identifier: Apache-2.0
#include "kernels/embedding/embedding.h"

#include <algorithm>

#include "kernels/contract.h"

namespace assay {

std::string Embedding::shape() const {
  return std::to_string(p.rows) + " of " + text_of(Shape{p.vocab, p.width}) + " " +
         std::string(name(p.type)) + option("scale", p.scale, 1) + option("positions", p.positions, 0) +
         option("distinct", p.distinct_rows, 0);
}

std::vector<TensorSpec> Embedding::inputs() const {
  std::vector<TensorSpec> specs = {{"ids", {p.rows}, DType::i32, Fill::index(p.vocab)},
                                   {"table", {p.vocab, p.width}, p.type, Fill::normal()}};
  if (p.positions > 0) {
    specs.push_back({"positions", {p.rows}, DType::i32, Fill::index(p.positions)});
    specs.push_back({"position_table", {p.positions, p.width}, p.type, Fill::normal()});
  }
  return specs;
}

std::vector<TensorSpec> Embedding::outputs() const {
  return {{"y", {p.rows, p.width}, p.type}};
}

// A row looked up twice is read once. Where nobody counted which ids repeat, they are taken as all different.
Cost Embedding::cost() const {
  const double elements = static_cast<double>(p.rows) * static_cast<double>(p.width);
  const double row_bytes = static_cast<double>(p.width * bytes_of(p.type));
  const double index_bytes = static_cast<double>(p.rows * bytes_of(DType::i32));
  const std::int64_t token_rows = p.distinct_rows > 0 ? p.distinct_rows : std::min(p.rows, p.vocab);
  const std::int64_t position_rows = std::min(p.rows, p.positions);
  const double tables = p.positions > 0 ? 2 : 1;
  return {.flops = ((p.scale != 1 ? 1 : 0) + (p.positions > 0 ? 1 : 0)) * elements,
          .bytes = in_memory(
              {.read = static_cast<double>(token_rows + position_rows) * row_bytes + tables * index_bytes,
               .written = static_cast<double>(p.rows) * row_bytes})};
}

void Embedding::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t from = in[0].integer(unit) * p.width;
  const std::int64_t position_from = p.positions > 0 ? in[2].integer(unit) * p.width : 0;
  for (std::int64_t c = 0; c < p.width; ++c) {
    double y = in[1][from + c] * static_cast<double>(p.scale);
    if (p.positions > 0) y += in[3][position_from + c];
    out.set(0, unit * p.width + c, y);
  }
}

Tolerance Embedding::tolerance() const {
  if (p.scale == 1 && p.positions == 0) return exact("a copy");
  // The product may cancel against the position: terms of a few times the rms of their sum.
  return ToleranceSum(p.type).roundings(1, "store").f32_roundings(8, "scale and add in f32").done();
}

std::vector<std::shared_ptr<const Op>> embedding_examples() {
  const auto op = [](const Embedding::Params& params) { return std::make_shared<const Embedding>(params); };
  return {
      op({.rows = 3, .vocab = 11, .width = 5, .type = DType::f32}),
      op({.rows = 17, .vocab = 257, .width = 77, .type = DType::bf16}),
      op({.rows = 7, .vocab = 101, .width = 99, .type = DType::f16, .scale = 1.5f}),
      op({.rows = 13, .vocab = 64, .width = 65, .type = DType::f32, .scale = 0.3f, .positions = 29}),
      op({.rows = 17, .vocab = 1009, .width = 768, .type = DType::bf16, .positions = 1024}),  // GPT-2
      op({.rows = 64, .vocab = 4096, .width = 2304, .type = DType::bf16, .scale = 48}),       // Gemma-2-2B
      op({.rows = 512, .vocab = 32000, .width = 896, .type = DType::bf16}),                   // a prompt
      op({.rows = 8, .vocab = 32000, .width = 576, .type = DType::f32}),                      // a decode step
      op({.rows = 1, .vocab = 512, .width = 896, .type = DType::bf16}),  // the last token
  };
}

}  // namespace assay
