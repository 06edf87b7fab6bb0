// SPDX-License-Identifier: Apache-2.0
#include "kernels/sample/sample.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/random.h"
#include "kernels/contract.h"

namespace assay {
namespace {

/// Tokens in order of their logits, the lowest id first among equals; the first `keep` of them.
std::vector<std::int64_t> most_likely(std::span<const double> logits, std::int64_t keep) {
  std::vector<std::int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto before = [&](std::int64_t a, std::int64_t b) {
    const double x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + keep, order.end(), before);
  order.resize(static_cast<std::size_t>(keep));
  return order;
}

/// How far a running sum of probabilities in f32 may be from the true one: a random walk of sqrt(n)
/// roundings, and scores that were rounded after the division by the temperature and again before exp.
double allowance_of(std::int64_t candidates, double largest_score) {
  return 2 * epsilon(DType::f32) * (4 + std::sqrt(static_cast<double>(candidates)) + largest_score);
}

}  // namespace

std::string Sample::shape() const {
  std::string text = text_of(Shape{p.sequences, p.vocab}) + " " + std::string(name(p.type)) + " history " +
                     std::to_string(p.capacity);
  if (p.temperature == 0)
    text += " argmax";
  else
    text += option("temperature", p.temperature, 0) + option("top_k", p.top_k, 0) +
            option("top_p", p.top_p, 1) + " +seed " + std::to_string(p.seed);
  return text + option("from", p.first_position, 0);
}

// A spread of logits that leaves some tokens likely; 16-bit ones have ties among the largest.
std::vector<TensorSpec> Sample::inputs() const {
  return {{"logits", {p.sequences, p.vocab}, p.type, Fill::normal(4)},
          {"positions", {p.sequences}, DType::i32, Fill::constant(p.first_position)},
          {"history", {p.sequences, p.capacity}, DType::i32, Fill::index(p.vocab)}};
}

std::vector<TensorSpec> Sample::outputs() const {
  return {{"token", {p.sequences}, DType::i32},
          {.name = "positions", .shape = {p.sequences}, .dtype = DType::i32, .aliases_input = 1},
          {.name = "history", .shape = {p.sequences, p.capacity}, .dtype = DType::i32, .aliases_input = 2}};
}

// One comparison a logit; a draw divides, subtracts, takes exp and adds besides. Sorting moves, it does not
// compute. A sequence reads its position and writes token, position and one element of the history.
Cost Sample::cost() const {
  const double logits = static_cast<double>(p.sequences) * static_cast<double>(p.vocab);
  const double index_bytes = static_cast<double>(p.sequences * bytes_of(DType::i32));
  return {.flops = (p.temperature == 0 ? 1 : 5) * logits,
          .bytes = in_memory({.read = logits * static_cast<double>(bytes_of(p.type)) + index_bytes,
                              .written = 3 * index_bytes})};
}

// Where u, or the edge of top_p, falls so near the end of a token's interval that f32 may see it on the other
// side, the tokens on both sides are right.
std::vector<std::int64_t> Sample::right_tokens(std::span<const double> logits, float u) const {
  if (p.temperature == 0) return most_likely(logits, 1);
  const std::int64_t all = static_cast<std::int64_t>(logits.size());
  const std::vector<std::int64_t> order = most_likely(logits, p.top_k > 0 ? std::min(p.top_k, all) : all);

  const double temperature = static_cast<double>(p.temperature), top_p = static_cast<double>(p.top_p);
  const double largest = logits[static_cast<std::size_t>(order.front())];
  double largest_score = 0;                   // in magnitude
  std::vector<double> reached(order.size());  // probability of the first i + 1
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double logit = logits[static_cast<std::size_t>(order[i])];
    largest_score = std::max(largest_score, std::abs(logit) / temperature);
    reached[i] = sum += std::exp((logit - largest) / temperature);
  }
  for (double& r : reached) r /= sum;
  const double allowance = allowance_of(static_cast<std::int64_t>(order.size()), largest_score);
  const auto first_at_least = [&](double value) {
    return std::min(std::lower_bound(reached.begin(), reached.end(), value) - reached.begin(),
                    static_cast<std::ptrdiff_t>(reached.size()) - 1);
  };

  const std::ptrdiff_t last_edge = top_p < 1 ? first_at_least(top_p + allowance) : first_at_least(2);
  const std::ptrdiff_t first_edge = top_p < 1 ? first_at_least(top_p - allowance) : last_edge;
  std::vector<std::int64_t> right;
  std::ptrdiff_t next = 0;  // candidates before it are in `right`, or are too likely
  for (std::ptrdiff_t edge = first_edge; edge <= last_edge; ++edge) {
    const double target = static_cast<double>(u) * reached[static_cast<std::size_t>(edge)];
    const std::ptrdiff_t last = std::min(first_at_least(target + allowance), edge);
    next = std::max(next, std::min(first_at_least(target - allowance), edge));
    for (; next <= last; ++next) right.push_back(order[static_cast<std::size_t>(next)]);
  }
  return right;
}

void Sample::reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const {
  std::vector<double> logits(static_cast<std::size_t>(p.vocab));
  for (std::int64_t i = 0; i < p.vocab; ++i) logits[static_cast<std::size_t>(i)] = in[0][unit * p.vocab + i];
  const std::int64_t position = in[1].integer(unit), moved = std::min(position + 1, p.capacity - 1);
  const float u = uniform_element(random_key(p.seed, "sample"),
                                  static_cast<std::uint64_t>(unit * p.capacity + position + 1));

  const std::vector<std::int64_t> right = right_tokens(logits, u);
  out.one_of(0, unit, right);
  out.set(1, unit, static_cast<double>(moved));
  for (std::int64_t t = 0; t < p.capacity; ++t) {
    const std::int64_t at = unit * p.capacity + t;
    if (t == moved)
      out.one_of(2, at, right);
    else
      out.set(2, at, in[2][at]);
  }
}

Tolerance Sample::tolerance() const {
  return exact("a choice");
}

std::vector<std::shared_ptr<const Op>> sample_examples() {
  using enum DType;
  const auto op = [](const Sample::Params& params) { return std::make_shared<const Sample>(params); };
  return {
      op({.sequences = 3, .vocab = 97, .capacity = 5, .type = f32}),
      op({.sequences = 8, .vocab = 50257, .capacity = 33, .type = bf16, .first_position = 16}),  // ties
      op({.sequences = 5, .vocab = 32001, .capacity = 17, .type = f16}),
      op({.sequences = 1, .vocab = 151936, .capacity = 1024, .type = f32, .first_position = 511}),
      op({.sequences = 2, .vocab = 1, .capacity = 2, .type = f32}),
      op({.sequences = 2, .vocab = 301, .capacity = 7, .type = f32, .first_position = 6}),  // at the end
      op({.sequences = 17, .vocab = 1009, .capacity = 9, .type = f32, .temperature = 1}),
      op({.sequences = 17, .vocab = 1009, .capacity = 9, .type = bf16, .temperature = 1, .seed = 7}),
      op({.sequences = 8, .vocab = 997, .capacity = 9, .type = f32, .temperature = 0.05f}),  // exp would
                                                                                             // overflow
      op({.sequences = 8, .vocab = 997, .capacity = 9, .type = f32, .temperature = 2, .top_k = 1}),
      op({.sequences = 16,
          .vocab = 997,
          .capacity = 9,
          .type = bf16,
          .temperature = 0.7f,
          .top_k = 50}),  // tied edge
      op({.sequences = 8, .vocab = 97, .capacity = 9, .type = f16, .temperature = 1, .top_k = 1000}),
      op({.sequences = 16, .vocab = 4097, .capacity = 9, .type = f32, .temperature = 1, .top_p = 0.9f}),
      op({.sequences = 8,
          .vocab = 997,
          .capacity = 9,
          .type = f32,
          .temperature = 1,
          .top_p = 0.001f}),  // keeps one
      op({.sequences = 16,
          .vocab = 4097,
          .capacity = 9,
          .type = bf16,
          .temperature = 0.8f,
          .top_k = 40,
          .top_p = 0.95f}),
      op({.sequences = 4,
          .vocab = 151936,
          .capacity = 64,
          .type = bf16,
          .temperature = 0.7f,
          .top_k = 20,
          .top_p = 0.8f,
          .first_position = 32}),  // as Qwen2.5 is served
      op({.sequences = 2, .vocab = 151936, .capacity = 64, .type = f32, .temperature = 1, .top_p = 0.95f}),
  };
}

}  // namespace assay
