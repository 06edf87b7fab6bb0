// SPDX-License-Identifier: Apache-2.0
#include "kernels/top_k/top_k.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "kernels/contract.h"

namespace assay {
namespace {

constexpr double kDeviation = 4;  // of the logits
constexpr double kWidest = 8;     // deviations between the largest logit and one that counts

/// The row's logits, the largest first.
std::vector<double> descending(const TensorView& logits, std::int64_t row, std::int64_t classes) {
  std::vector<double> sorted(static_cast<std::size_t>(classes));
  for (std::int64_t c = 0; c < classes; ++c) sorted[static_cast<std::size_t>(c)] = logits[row * classes + c];
  std::ranges::sort(sorted, std::greater<>());
  return sorted;
}

}  // namespace

TopK::TopK(const Params& params) : p(params) {
  if (p.k < 1 || p.k > p.classes)
    throw std::logic_error("top_k: " + std::to_string(p.k) + " of " + std::to_string(p.classes) + " classes");
}

std::string TopK::shape() const {
  return std::to_string(p.k) + " of " + text_of(Shape{p.rows, p.classes}) + " " + std::string(name(p.type));
}

std::vector<TensorSpec> TopK::inputs() const {
  return {{"logits", {p.rows, p.classes}, p.type, Fill::normal(kDeviation)}};
}

std::vector<TensorSpec> TopK::outputs() const {
  return {{"probabilities", {p.rows, p.k}, DType::f32}, {"classes", {p.rows, p.k}, DType::i32}};
}

// A logit is compared, and its distance to the largest taken, raised and added up.
Cost TopK::cost() const {
  return {.flops = 4 * static_cast<double>(p.rows) * static_cast<double>(p.classes),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

void TopK::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  const std::vector<double> sorted = descending(in[0], unit, p.classes);
  double sum = 0;
  for (const double logit : sorted) sum += std::exp(logit - sorted[0]);
  for (std::int64_t i = 0; i < p.k; ++i)
    out.set(0, unit * p.k + i, std::exp(sorted[static_cast<std::size_t>(i)] - sorted[0]) / sum);
}

// The distance of a logit to the largest is rounded, and exp makes a relative error of it; a sum of positive
// terms walks with their number.
Tolerance TopK::tolerance() const {
  return ToleranceSum(DType::f32)
      .roundings(8, "exp, division, store")
      .f32_roundings(kWidest * kDeviation, "the distance that is raised")
      .f32_roundings(4 * std::sqrt(static_cast<double>(p.classes)), "f32 sum over the classes")
      .done();
}

std::string TopK::objection(std::span<const TensorView> in, std::span<const TensorView> out,
                            std::int64_t unit) const {
  const std::vector<double> sorted = descending(in[0], unit, p.classes);
  std::vector<bool> taken(static_cast<std::size_t>(p.classes));
  for (std::int64_t i = 0; i < p.k; ++i) {
    const std::int64_t c = out[1].integer(unit * p.k + i);
    const std::string place =
        "row " + std::to_string(unit) + " place " + std::to_string(i) + ": class " + std::to_string(c);
    if (c < 0 || c >= p.classes) return place + " of " + std::to_string(p.classes);
    if (taken[static_cast<std::size_t>(c)]) return place + " stands there twice";
    taken[static_cast<std::size_t>(c)] = true;
    const double logit = in[0][unit * p.classes + c], right = sorted[static_cast<std::size_t>(i)];
    if (logit != right)
      return place + " has the logit " + text_of(static_cast<float>(logit)) + ", not " +
             text_of(static_cast<float>(right));
  }
  return "";
}

std::vector<std::shared_ptr<const Op>> top_k_examples() {
  using enum DType;
  const auto op = [](const TopK::Params& params) { return std::make_shared<const TopK>(params); };
  return {
      op({.rows = 3, .classes = 77, .k = 5, .type = f32}),
      op({.rows = 2, .classes = 1, .k = 1, .type = f32}),
      op({.rows = 3, .classes = 19, .k = 19, .type = f32}),  // all of them, in order
      op({.rows = 4, .classes = 131, .k = 7, .type = bf16}),
      op({.rows = 4, .classes = 1000, .k = 64, .type = bf16}),  // equal logits among them
      op({.rows = 5, .classes = 33, .k = 1, .type = f16}),
      op({.rows = 8, .classes = 1000, .k = 5, .type = bf16}),  // ImageNet
      op({.rows = 8, .classes = 1000, .k = 5, .type = f16}),
      op({.rows = 64, .classes = 1000, .k = 5, .type = f32}),
      op({.rows = 2, .classes = 21843, .k = 5, .type = f32}),  // ImageNet-21k
  };
}

}  // namespace assay
