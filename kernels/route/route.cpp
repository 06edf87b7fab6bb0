// SPDX-License-Identifier: Apache-2.0
#include "kernels/route/route.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "kernels/contract.h"
#include "kernels/matmul/matmul.h"

namespace assay {
namespace {

std::vector<double> scores_of(const TensorView& logits, std::int64_t row, const Route::Params& p) {
  std::vector<double> scores(static_cast<std::size_t>(p.experts));
  for (std::int64_t e = 0; e < p.experts; ++e)
    scores[static_cast<std::size_t>(e)] = logits[row * p.experts + e];
  if (p.sigmoid) {
    for (double& s : scores) s = activate(Activation::sigmoid, s);
    return scores;
  }
  const double largest = *std::ranges::max_element(scores);
  double sum = 0;
  for (double& s : scores) sum += s = std::exp(s - largest);
  for (double& s : scores) s /= sum;
  return scores;
}

/// What groups are compared by.
std::vector<double> group_scores(std::span<const double> keys, const Route::Params& p) {
  const auto each = static_cast<std::size_t>(p.experts / p.groups);
  std::vector<double> scores;
  for (std::size_t g = 0; g < static_cast<std::size_t>(p.groups); ++g) {
    std::vector<double> of(keys.begin() + static_cast<std::ptrdiff_t>(g * each),
                           keys.begin() + static_cast<std::ptrdiff_t>((g + 1) * each));
    std::ranges::sort(of, std::greater<>());
    scores.push_back(p.bias && each > 1 ? of[0] + of[1] : of[0]);
  }
  return scores;
}

/// The `count`-th largest and the one behind it, which is -1 where there is none.
std::pair<double, double> border(std::vector<double> values, std::int64_t count) {
  std::ranges::sort(values, std::greater<>());
  const auto at = static_cast<std::size_t>(count);
  return {values[at - 1], at < values.size() ? values[at] : -1};
}

}  // namespace

Route::Route(const Params& params) : p(params) {
  if (p.used < 1 || p.used > p.experts || p.experts % p.groups != 0 || p.groups_used > p.groups ||
      p.used > p.experts / p.groups * p.groups_used)
    throw std::logic_error("route: " + shape());
}

std::string Route::shape() const {
  return std::to_string(p.used) + " of " + text_of(Shape{p.tokens, p.experts}) + " " +
         std::string(name(p.type)) + (p.sigmoid ? " sigmoid" : " softmax") + (p.bias ? " +bias" : "") +
         (p.normalised ? " +normalised" : "") + option("scale", p.scale, 1) +
         (p.groups > 1 ? " +groups " + std::to_string(p.groups_used) + " of " + std::to_string(p.groups)
                       : "");
}

std::vector<TensorSpec> Route::inputs() const {
  std::vector<TensorSpec> specs = {{"logits", {p.tokens, p.experts}, p.type, Fill::normal(2)}};
  if (p.bias) specs.push_back({"bias", {p.experts}, DType::f32, Fill::normal(0.1)});
  return specs;
}

std::vector<TensorSpec> Route::outputs() const {
  return {{"experts", {p.tokens, p.used}, DType::i32}, {"weights", {p.tokens, p.used}, DType::f32}};
}

// A logit is compared, and its score made of 3 steps; a bias is added.
Cost Route::cost() const {
  return {.flops = (4 + (p.bias ? 1 : 0)) * static_cast<double>(p.tokens) * static_cast<double>(p.experts),
          .bytes = in_memory({.read = bytes_of(inputs()), .written = bytes_of(outputs())})};
}

Tolerance Route::tolerance() const {
  return ToleranceSum(DType::f32)
      .roundings(12, "exp, divisions, scale, store")
      .f32_roundings(16, "the distance that is raised")
      .f32_roundings(4 * std::sqrt(static_cast<double>(p.experts)), "f32 sum over the experts")
      .done();
}

Route::Choice Route::choice(std::span<const TensorView> in, std::int64_t token) const {
  const std::vector<double> scores = scores_of(in[0], token, p);
  std::vector<double> keys = scores;
  for (std::size_t e = 0; p.bias && e < keys.size(); ++e) keys[e] += in[1][static_cast<std::int64_t>(e)];
  const std::vector<double> groups = group_scores(keys, p);
  const double least = border(groups, p.groups_used).first;
  Choice found;
  for (std::int64_t e = 0; e < p.experts; ++e)
    if (groups[static_cast<std::size_t>(e / (p.experts / p.groups))] >= least) found.experts.push_back(e);
  std::ranges::stable_sort(found.experts, std::greater<>(),
                           [&](std::int64_t e) { return keys[static_cast<std::size_t>(e)]; });
  found.experts.resize(static_cast<std::size_t>(p.used));
  double sum = 0;
  for (const std::int64_t e : found.experts) sum += scores[static_cast<std::size_t>(e)];
  for (const std::int64_t e : found.experts)
    found.weights.push_back(scores[static_cast<std::size_t>(e)] * static_cast<double>(p.scale) /
                            (p.normalised ? sum : 1));
  return found;
}

std::string Route::objection(std::span<const TensorView> in, std::span<const TensorView> out,
                             std::int64_t unit) const {
  const std::vector<double> scores = scores_of(in[0], unit, p);
  std::vector<double> keys = scores;
  for (std::size_t e = 0; p.bias && e < keys.size(); ++e) keys[e] += in[1][static_cast<std::int64_t>(e)];
  const double near = tolerance().value();

  // Groups that rounding may swap at the border are both open to choice.
  const std::int64_t each = p.experts / p.groups;
  const std::vector<double> groups = group_scores(keys, p);
  const auto [last_in, first_out] = border(groups, p.groups_used);
  const bool clear = p.groups_used == p.groups || last_in - first_out > 4 * near;
  std::vector<double> open;  // keys that may be chosen
  const auto is_open = [&](std::int64_t expert) {
    return groups[static_cast<std::size_t>(expert / each)] >= last_in - 4 * near;
  };
  for (std::int64_t e = 0; e < p.experts; ++e)
    if (is_open(e)) open.push_back(keys[static_cast<std::size_t>(e)]);
  std::ranges::sort(open, std::greater<>());

  std::vector<bool> taken(static_cast<std::size_t>(p.experts));
  double sum = 0;
  for (std::int64_t i = 0; i < p.used; ++i) {
    const std::int64_t e = out[0].integer(unit * p.used + i);
    const std::string place =
        "token " + std::to_string(unit) + " place " + std::to_string(i) + ": expert " + std::to_string(e);
    if (e < 0 || e >= p.experts) return place + " of " + std::to_string(p.experts);
    if (taken[static_cast<std::size_t>(e)]) return place + " stands there twice";
    taken[static_cast<std::size_t>(e)] = true;
    if (!is_open(e)) return place + " is of a group that is not among the best";
    const double key = keys[static_cast<std::size_t>(e)], right = open[static_cast<std::size_t>(i)];
    if (clear && std::abs(key - right) > 4 * near)
      return place + " has the score " + text_of(static_cast<float>(key)) + ", not " +
             text_of(static_cast<float>(right));
    sum += scores[static_cast<std::size_t>(e)];
  }
  for (std::int64_t i = 0; i < p.used; ++i) {
    const auto e = static_cast<std::size_t>(out[0].integer(unit * p.used + i));
    const double right = scores[e] * static_cast<double>(p.scale) / (p.normalised ? sum : 1);
    const double weight = out[1][unit * p.used + i];
    if (!(std::abs(weight - right) <= 4 * near * right))
      return "token " + std::to_string(unit) + " place " + std::to_string(i) + ": weight " +
             text_of(static_cast<float>(weight)) + ", not " + text_of(static_cast<float>(right));
  }
  return "";
}

// An expert is passed over by a token with 1 - used / experts.
double experts_touched(std::int64_t tokens, std::int64_t experts, std::int64_t used) {
  const double all = static_cast<double>(experts);
  return all * (1 - std::pow(1 - static_cast<double>(used) / all, static_cast<double>(tokens)));
}

std::vector<std::shared_ptr<const Op>> route_examples() {
  using enum DType;
  const auto op = [](const Route::Params& params) { return std::make_shared<const Route>(params); };
  return {
      op({.tokens = 3, .experts = 7, .used = 2, .type = f32}),
      op({.tokens = 5, .experts = 8, .used = 2, .type = bf16, .normalised = true}),  // Mixtral
      op({.tokens = 2, .experts = 1, .used = 1, .type = f32}),
      op({.tokens = 3, .experts = 5, .used = 5, .type = f16, .normalised = true}),
      op({.tokens = 64, .experts = 128, .used = 8, .type = bf16, .normalised = true}),  // Qwen3-30B-A3B
      op({.tokens = 17, .experts = 160, .used = 6, .type = f32, .scale = 16, .groups = 8, .groups_used = 3}),
      op({.tokens = 17,
          .experts = 256,
          .used = 8,
          .type = f32,
          .sigmoid = true,
          .bias = true,
          .normalised = true,
          .scale = 2.5f,
          .groups = 8,
          .groups_used = 4}),  // DeepSeek-V3
      op({.tokens = 4,
          .experts = 384,
          .used = 8,
          .type = bf16,
          .sigmoid = true,
          .bias = true,
          .normalised = true,
          .scale = 2.827f}),  // Kimi-K2
  };
}

}  // namespace assay
