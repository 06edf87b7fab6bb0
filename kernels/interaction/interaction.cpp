// SPDX-License-Identifier: Apache-2.0
#include "kernels/interaction/interaction.h"

#include <cmath>

#include "kernels/contract.h"

namespace assay {

std::string Interaction::shape() const {
  return text_of(Shape{p.rows, p.tables + 1, p.width}) + " " + std::string(name(p.type));
}

std::vector<TensorSpec> Interaction::inputs() const {
  return {{"dense", {p.rows, p.width}, p.type, Fill::normal()},
          {"pooled", {p.rows, p.tables, p.width}, p.type, Fill::normal()}};
}

std::vector<TensorSpec> Interaction::outputs() const {
  return {{"y", {p.rows, columns()}, p.type}};
}

// A kernel that forms the whole square does twice this and more.
Cost Interaction::cost() const {
  return {.flops = 2 * static_cast<double>(p.rows) * static_cast<double>(products()) *
                   static_cast<double>(p.width),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void Interaction::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const auto z = [&](std::int64_t i, std::int64_t c) {
    return i == 0 ? in[0][unit * p.width + c] : in[1][(unit * p.tables + i - 1) * p.width + c];
  };
  std::int64_t at = unit * columns();
  for (std::int64_t c = 0; c < p.width; ++c) out.set(0, at++, z(0, c));
  for (std::int64_t i = 1; i <= p.tables; ++i)
    for (std::int64_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::int64_t c = 0; c < p.width; ++c) sum += z(i, c) * z(j, c);
      out.set(0, at++, sum);
    }
}

// Judged by the rms of the output, which is that of the products unless they are few beside the dense vector.
Tolerance Interaction::tolerance() const {
  const double width = static_cast<double>(p.width);
  return ToleranceSum(p.type)
      .roundings(1, "store")
      .f32_roundings(4 * std::sqrt(width), "f32 sum of sqrt(width)")
      .f32_roundings(4 * std::sqrt(width), "products of up to 4 times the rms of the row")
      .done();
}

std::vector<std::shared_ptr<const Op>> interaction_examples() {
  const auto op = [](const Interaction::Params& params) {
    return std::make_shared<const Interaction>(params);
  };
  return {
      op({.rows = 3, .tables = 6, .width = 5, .type = DType::f32}),
      op({.rows = 5, .tables = 9, .width = 77, .type = DType::bf16}),
      op({.rows = 5, .tables = 12, .width = 33, .type = DType::f16}),
      op({.rows = 2, .tables = 1, .width = 1, .type = DType::f32}),  // one product
      op({.rows = 7, .tables = 3, .width = 16, .type = DType::bf16}),
      op({.rows = 2, .tables = 70, .width = 36, .type = DType::f32}),  // more blocks than a warp has lanes
      op({.rows = 1, .tables = 26, .width = 128, .type = DType::f32}),
      op({.rows = 300, .tables = 26, .width = 128, .type = DType::f32}),  // Criteo's 26 tables
      op({.rows = 300, .tables = 26, .width = 128, .type = DType::bf16}),
      op({.rows = 300, .tables = 26, .width = 128, .type = DType::f16}),
      op({.rows = 64, .tables = 8, .width = 64, .type = DType::bf16}),  // DLRM's random model
  };
}

}  // namespace assay
