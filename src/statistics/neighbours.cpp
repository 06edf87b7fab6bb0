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

Order order_of(std::span<const double> values) {
  const std::vector<double> order = ranks(values);
  const auto n = static_cast<double>(order.size());
  double squares = 0, products = 0, differences = 0, last = 0;  // of distances from the mean rank
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double here = order[i] - (n + 1) / 2;
    squares += here * here;
    if (i > 0) products += last * here;
    if (i > 0) differences += (here - last) * (here - last);
    last = here;
  }
  if (squares == 0) return {};
  // Bartels' RVN, differences / squares: mean 2 and this variance in random order, about normal; small where
  // neighbours are alike.
  const double variance = 4 * (n - 2) * (5 * n * n - 2 * n - 9) / (5 * n * (n + 1) * (n - 1) * (n - 1));
  return {products / squares, (2 - differences / squares) / std::sqrt(variance)};
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
    const bool coarsest = grouping.units < 2 * kFewestUnits;
    const Order order = grouping.units < 3 ? Order{} : order_of(values);
    const double alike = grouping.units < kFewestUnits ? 0 : order.likeness;
    if (grouping.merged == 1) grouping.lag1 = order.correlation;
    grouping.hang_together = coarsest && alike > kHangTogetherAt;
    if (coarsest || alike <= kMergeAt) return grouping;
  }
}

}  // namespace assay
