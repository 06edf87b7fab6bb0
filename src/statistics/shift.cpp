// SPDX-License-Identifier: Apache-2.0
#include "statistics/shift.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace assay {
namespace {

/// How often each U occurs among all orders of n and m values: f(n, m, u) = f(n - 1, m, u - m) + f(n, m - 1,
/// u), whether the largest value is of the one side or of the other. As shares of all orders.
std::vector<double> null_of_one(std::size_t n, std::size_t m) {
  // Row by row over m: counts[j] holds the shares of (i, j). With j of one side and i of the other the
  // largest value is one of the i with probability i / (i + j).
  std::vector<std::vector<double>> last(m + 1, std::vector<double>{1.0});
  for (std::size_t i = 1; i <= n; ++i) {
    std::vector<std::vector<double>> now(m + 1);
    now[0] = {1.0};
    for (std::size_t j = 1; j <= m; ++j) {
      auto& shares = now[j];
      shares.assign(i * j + 1, 0);
      const double of_other = static_cast<double>(i) / static_cast<double>(i + j);
      for (std::size_t u = 0; u < last[j].size(); ++u) shares[u + j] += of_other * last[j][u];
      for (std::size_t u = 0; u < now[j - 1].size(); ++u) shares[u] += (1 - of_other) * now[j - 1][u];
    }
    last = std::move(now);
  }
  return last[m];
}

std::vector<double> convolved(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> sum(a.size() + b.size() - 1, 0);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) sum[i + j] += a[i] * b[j];
  return sum;
}

double normal_below(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

/// The same distribution as a normal one, with half a step of continuity.
std::vector<double> normal_null(const std::vector<std::pair<std::size_t, std::size_t>>& sizes,
                                std::size_t pairs) {
  double variance = 0;
  for (const auto& [n, m] : sizes) {
    const auto a = static_cast<double>(n), b = static_cast<double>(m);
    variance += a * b * (a + b + 1) / 12;
  }
  const double middle = static_cast<double>(pairs) / 2;
  std::vector<double> below(pairs + 1);
  for (std::size_t u = 0; u <= pairs; ++u)
    below[u] = normal_below((static_cast<double>(u) + 0.5 - middle) / std::sqrt(variance));
  below[pairs] = 1;
  return below;
}

/// Order statistics D(k) and D(pairs + 1 - k) of the differences, with the largest k whose tail is at most
/// `tail`.
std::optional<Interval> interval_of(std::vector<double>& differences, const std::vector<double>& below,
                                    double tail) {
  std::size_t k = 0;
  while (k < below.size() && below[k] <= tail) ++k;
  if (k == 0) return std::nullopt;
  const auto at = [&](std::size_t index) {
    const auto nth = differences.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(differences.begin(), nth, differences.end());
    return *nth;
  };
  return Interval{at(k - 1), at(differences.size() - k)};
}

}  // namespace

const std::vector<double>& ShiftTest::null_of(const Sizes& sizes) {
  const auto [at, is_new] = nulls_.try_emplace(sizes);
  if (!is_new) return at->second;
  std::size_t pairs = 0;
  for (const auto& [n, m] : sizes) pairs += n * m;
  if (pairs > static_cast<std::size_t>(kExactPairs)) return at->second = normal_null(sizes, pairs);
  std::vector<double> shares{1.0};
  for (const auto& [n, m] : sizes) shares = convolved(shares, null_of_one(n, m));
  std::partial_sum(shares.begin(), shares.end(), shares.begin());
  return at->second = std::move(shares);
}

namespace {

struct Differences {
  std::vector<std::pair<std::size_t, std::size_t>> sizes;  // of strata that have both sides
  std::vector<double> values;
  double above = 0;  // U, equal values counting half
};

Differences differences_of(std::span<const Stratum> strata) {
  Differences all;
  for (const Stratum& s : strata) {
    if (s.base.empty() || s.other.empty()) continue;
    all.sizes.emplace_back(s.base.size(), s.other.size());
    for (const double base : s.base)
      for (const double other : s.other) {
        all.values.push_back(other - base);
        all.above += other > base ? 1 : other == base ? 0.5 : 0;
      }
  }
  if (all.values.empty()) throw std::logic_error("a shift needs values of both sides");
  std::ranges::sort(all.sizes);
  return all;
}

}  // namespace

Shift ShiftTest::operator()(std::span<const Stratum> strata) {
  Differences all = differences_of(strata);
  const std::vector<double>& below = null_of(all.sizes);
  Shift shift;
  const auto pairs = static_cast<double>(all.values.size());
  shift.delta = 2 * all.above / pairs - 1;
  // The null is symmetric, so either tail is one of below[]. Half a pair is rounded towards the middle.
  const auto nearest_tail = static_cast<std::size_t>(std::ceil(std::min(all.above, pairs - all.above)));
  shift.p = std::min(1.0, 2 * below[nearest_tail]);
  shift.least_p = std::min(1.0, 2 * below[0]);
  shift.value = median(all.values);
  shift.ci95 = interval_of(all.values, below, 0.025);
  shift.ci90 = interval_of(all.values, below, 0.05);
  return shift;
}

std::optional<Interval> ShiftTest::interval(std::span<const Stratum> strata, double tail) {
  Differences all = differences_of(strata);
  return interval_of(all.values, null_of(all.sizes), tail);
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size());
  double least = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    least = std::max(least, std::min(1.0, p[order[k]] * static_cast<double>(p.size() - k)));
    adjusted[order[k]] = least;
  }
  return adjusted;
}

std::string_view effect_class(double delta) {
  const double size = std::abs(delta);
  return size < 0.147 ? "negligible" : size < 0.33 ? "small" : size < 0.474 ? "medium" : "large";
}

}  // namespace assay
