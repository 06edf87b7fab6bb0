// SPDX-License-Identifier: Apache-2.0
// What prefill and decode attention share: the float64 softmax, and what error scores and probabilities may
// have.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "kernels/contract.h"

namespace assay {

/// Scores of one query in, probabilities out: softmax(cap(scale * x)). A sink takes its share of them away.
inline void attention_probabilities(std::span<double> row, double scale, double softcap,
                                    std::optional<double> sink = {}) {
  double largest = sink.value_or(-std::numeric_limits<double>::infinity());
  for (double& x : row) {
    x *= scale;
    if (softcap > 0) x = softcap * std::tanh(x / softcap);
    largest = std::max(largest, x);
  }
  double sum = sink ? std::exp(*sink - largest) : 0;
  for (double& x : row) sum += x = std::exp(x - largest);
  for (double& x : row) x /= sum;
}

/// Adds the parts of attention's tolerance. `weight` says how much of a probability's relative error shows in
/// y, relative to the rms of y; `tokens` is the longest row.
inline void add_attention_parts(ToleranceSum& sum, DType type, std::int64_t head_dim, std::int64_t tokens,
                                double scale, double softcap, double weight) {
  const double d = static_cast<double>(head_dim), n = static_cast<double>(tokens);
  const bool half = bytes_of(type) == 2;
  // A score is about N(0, 1) * scale * sqrt(d) where q and k are; the largest are 6 of that.
  const double spread = scale * std::sqrt(d);
  const double largest = softcap > 0 ? std::min(6 * spread, softcap) : 6 * spread;
  // The probabilities go through the tensor cores in the dtype of v.
  if (half) sum.roundings(weight, "probabilities");
  // An absolute error of a score is a relative one of its probability: the dot product (a random walk of
  // sqrt(d) roundings; d / 8 truncated steps on tensor cores), the score rounded when scaled and again when
  // turned to base 2, exp.
  const double dot = std::sqrt(d) + (half ? d / 4 : 0);
  sum.f32_roundings(weight * (spread * dot + 2 * largest + 4), "f32 scores and exp");
  // tanh.approx of the GPUs has 11 bits; 16-bit kernels use it.
  if (half && softcap > 0) sum.error(weight * largest * 0x1p-11, "11-bit tanh");
  sum.f32_roundings(4 * std::sqrt(n) + (half ? n / 4 : 0), "f32 sums over tokens");
}

/// Errors are judged against the rms of all of y. Row t averages min(t + 1, window) values, so the rms of a
/// row falls with its length, and the first rows stand out of the rms of all by this much at most (the sum of
/// squared probabilities of a row of n is at least 1 / n). Rows that see all alike stand out of nothing.
inline double first_rows_over_all(std::int64_t tokens, std::int64_t window) {
  double mean_square = 0;
  for (std::int64_t t = 0; t < tokens; ++t)
    mean_square += 1 / static_cast<double>(window > 0 ? std::min(t + 1, window) : t + 1);
  return std::sqrt(static_cast<double>(tokens) / mean_square);
}

}  // namespace assay
