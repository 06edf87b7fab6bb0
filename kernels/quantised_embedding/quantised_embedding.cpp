// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantised_embedding/quantised_embedding.h"

#include "kernels/contract.h"

namespace assay {

std::string QuantisedEmbedding::shape() const {
  return std::to_string(p.rows) + " of " + text_of(Shape{p.vocab, p.width}) + " " +
         std::string(name(p.type)) + " x " + p.format.name + option("scale", p.scale, 1) +
         option("distinct", p.distinct_rows, 0);
}

std::vector<TensorSpec> QuantisedEmbedding::inputs() const {
  std::vector<TensorSpec> specs = {{"ids", {p.rows}, DType::i32, Fill::index(p.vocab)}};
  for (TensorSpec& spec : p.format.tensors(p.vocab, p.width)) specs.push_back(std::move(spec));
  return specs;
}

std::vector<TensorSpec> QuantisedEmbedding::outputs() const {
  return {{"y", {p.rows, p.width}, p.type}};
}

// A row's elements, scales and zero points; a product each, and one more for the scale.
Cost QuantisedEmbedding::cost() const {
  const double read = static_cast<double>(p.distinct_rows > 0 ? p.distinct_rows : p.rows);
  const double row_bytes =
      static_cast<double>(p.format.bytes(p.vocab, p.width)) / static_cast<double>(p.vocab);
  const double elements = static_cast<double>(p.rows) * static_cast<double>(p.width);
  return {.flops = (p.scale == 1 ? 1 : 2) * elements,
          .bytes = in_memory({.read = read * row_bytes + static_cast<double>(p.rows * bytes_of(DType::i32)),
                              .written = bytes_of(outputs())})};
}

void QuantisedEmbedding::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::int64_t row = in[0].integer(unit);
  for (std::int64_t c = 0; c < p.width; ++c)
    out.set(0, unit * p.width + c,
            p.format.weight(in.subspan(1), p.width, row, c) * static_cast<double>(p.scale));
}

Tolerance QuantisedEmbedding::tolerance() const {
  return ToleranceSum(p.type).roundings(2, "weight, store").f32_roundings(4, "scales in f32").done();
}

std::vector<std::shared_ptr<const Op>> quantised_embedding_examples() {
  using enum DType;
  std::vector<std::shared_ptr<const Op>> ops;
  const auto add = [&](std::int64_t rows, DType type, const WeightFormat& format, float scale) {
    ops.push_back(std::make_shared<const QuantisedEmbedding>(QuantisedEmbedding::Params{
        .rows = rows, .vocab = 300, .width = 128, .type = type, .format = format, .scale = scale}));
  };
  for (const WeightFormat& format : weight_formats())
    if (!format.group_index && format.parts.empty()) add(5, bf16, format, 1);
  add(1, f16, weight_formats().front(), 11.3125f);
  add(17, f32, weight_formats().front(), 1);
  return ops;
}

}  // namespace assay
