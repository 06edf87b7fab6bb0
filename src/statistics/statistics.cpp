// SPDX-License-Identifier: Apache-2.0
#include "statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace assay {
namespace {

/// ln of binomial(n, 1/2) at k.
double log_half_binomial(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0);
}

/// The largest k with P(binomial(n, 1/2) < k) <= 2.5 %; 0 where there is none.
std::size_t interval_rank(std::size_t samples) {
  constexpr double kTail = 0.025;
  const auto n = static_cast<double>(samples);
  // 16 standard deviations below the middle lies less than 1e-50: the sum may start there.
  double k = std::max(0.0, std::floor(n / 2 - 8 * std::sqrt(n)));
  double below = 0;
  for (;; ++k) {
    below += std::exp(log_half_binomial(n, k));
    if (below > kTail) return static_cast<std::size_t>(k);
  }
}

}  // namespace

double quantile(std::span<const double> samples, double p) {
  if (samples.empty()) throw std::logic_error("statistics of no samples");
  std::vector<double> copy(samples.begin(), samples.end());
  const double position = p * static_cast<double>(copy.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto nth = copy.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(copy.begin(), nth, copy.end());
  if (below + 1 == copy.size()) return *nth;
  return std::lerp(*nth, *std::min_element(nth + 1, copy.end()), position - static_cast<double>(below));
}
double median(std::span<const double> samples) {
  return quantile(samples, 0.5);
}

double mean(std::span<const double> samples) {
  if (samples.empty()) throw std::logic_error("statistics of no samples");
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

double median_absolute_deviation(std::span<const double> samples) {
  const double middle = median(samples);
  std::vector<double> distances;
  for (const double sample : samples) distances.push_back(std::abs(sample - middle));
  return median(distances);
}

double variance(std::span<const double> samples) {
  if (samples.size() < 2) throw std::logic_error("variance of fewer than two samples");
  const double middle = mean(samples);
  double sum = 0;
  for (const double sample : samples) sum += (sample - middle) * (sample - middle);
  return sum / static_cast<double>(samples.size() - 1);
}

std::optional<Interval> median_interval(std::span<const double> samples) {
  const std::size_t rank = samples.empty() ? 0 : interval_rank(samples.size());
  if (rank == 0) return std::nullopt;
  std::vector<double> order(samples.begin(), samples.end());
  std::ranges::sort(order);
  return Interval{order[rank - 1], order[order.size() - rank]};
}

std::optional<double> relative_half_width(std::span<const double> samples) {
  const auto interval = median_interval(samples);
  const double middle = samples.empty() ? 0 : median(samples);
  if (!interval || middle == 0) return std::nullopt;
  return (interval->high - interval->low) / 2 / std::abs(middle);
}

std::int64_t fewest_for_percentile(double p) {
  constexpr double kSlack = 1e-9;  // 5 / (1 - 0.9) is 50.000...01
  return static_cast<std::int64_t>(std::ceil((p >= 0.99 ? 10 : 5) / (1 - p) - kSlack));
}

std::optional<double> supported_percentile(std::span<const double> samples, double p) {
  if (static_cast<std::int64_t>(samples.size()) < fewest_for_percentile(p)) return std::nullopt;
  return quantile(samples, p);
}

std::int64_t outliers(std::span<const double> samples) {
  const double middle = median(samples);
  const double limit = 3 * 1.4826 * median_absolute_deviation(samples);
  return std::ranges::count_if(samples, [&](double sample) { return std::abs(sample - middle) > limit; });
}

}  // namespace assay
