// SPDX-License-Identifier: Apache-2.0
#include "statistics/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "statistics/blocks.h"

namespace assay {
namespace {

// Normal quantiles, one-sided. Merging without need costs some width (a seventh at 30 blocks, a twentieth at
// 100); not merging where there is need costs coverage: so it starts at a significance of 20 %. To say that a
// case is not to be trusted takes 5 %. Both were chosen by simulation: docs/measuring.md has what comes of
// it.
constexpr double kMergeAt = 0.8416;
constexpr double kHangTogetherAt = 1.6449;

struct RankSums {
  double squares = 0;      // of the distances from the mean rank
  double products = 0;     // of neighbours' distances
  double differences = 0;  // of neighbours, squared
};

RankSums rank_sums(std::span<const double> values) {
  const std::vector<double> order = ranks(values);
  const double middle = (static_cast<double>(order.size()) + 1) / 2;
  RankSums sums;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double here = order[i] - middle;
    sums.squares += here * here;
    if (i == 0) continue;
    const double last = order[i - 1] - middle;
    sums.products += last * here;
    sums.differences += (here - last) * (here - last);
  }
  return sums;
}

}  // namespace

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = static_cast<double>(first + 1 + end) / 2;
  }
  return ranks;
}

double rank_correlation(std::span<const double> values) {
  const RankSums sums = rank_sums(values);
  return sums.squares == 0 ? 0 : sums.products / sums.squares;
}

double likeness(std::span<const double> values) {
  const RankSums sums = rank_sums(values);
  if (sums.squares == 0) return 0;
  // Bartels' RVN: mean 2 and this variance in random order, about normal; small where neighbours are alike.
  const auto n = static_cast<double>(values.size());
  const double variance = 4 * (n - 2) * (5 * n * n - 2 * n - 9) / (5 * n * (n + 1) * (n - 1) * (n - 1));
  return (2 - sums.differences / sums.squares) / std::sqrt(variance);
}

std::vector<double> unit_sums(std::span<const double> blocks, std::int64_t merged) {
  const auto step = static_cast<std::size_t>(merged);
  std::vector<double> sums(std::max<std::size_t>(1, blocks.size() / step));
  for (std::size_t i = 0; i < blocks.size(); ++i) sums[std::min(i / step, sums.size() - 1)] += blocks[i];
  return sums;
}

Grouping group(std::span<const double> sums, std::span<const double> sizes) {
  Grouping grouping;
  for (;; grouping.merged *= 2) {
    std::vector<double> values = unit_sums(sums, grouping.merged);
    const std::vector<double> weights = unit_sums(sizes, grouping.merged);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] /= weights[i];
    grouping.units = static_cast<std::int64_t>(values.size());
    if (grouping.merged == 1) grouping.lag1 = rank_correlation(values);
    const bool coarsest = grouping.units < 2 * kFewestUnits;
    const double alike = grouping.units < 3 ? 0 : likeness(values);
    grouping.hang_together = coarsest && alike > kHangTogetherAt;
    if (coarsest || alike <= kMergeAt) return grouping;
  }
}

}  // namespace assay
