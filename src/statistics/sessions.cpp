// SPDX-License-Identifier: Apache-2.0
#include "statistics/sessions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace assay {

namespace {

constexpr std::size_t kFewestByFormula = 5;

/// Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5; z is the normal quantile.
double student_t_of(double z, std::size_t degrees) {
  const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z;
  const auto d = static_cast<double>(degrees);
  return z + (z3 + z) / 4 / d + (5 * z5 + 16 * z3 + 3 * z) / 96 / (d * d) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384 / (d * d * d) +
         (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160 / (d * d * d * d);
}

/// The z at which `below(z)`, which rises, reaches a value; by halving, to the last digits that matter.
template <typename Rising>
double where(const Rising& below, double value) {
  double low = 0, high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (below(middle) < value ? low : high) = middle;
  }
  return low;
}

void check(std::size_t degrees) {
  if (degrees < kFewestByFormula) throw std::logic_error("Student's t of so few degrees of freedom");
}

}  // namespace

double student_t(std::size_t degrees) {
  if (degrees == 0) throw std::logic_error("Student's t with no degree of freedom");
  // Any table of Student's t; for instance NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  constexpr std::array kSmall = {12.7062, 4.3027, 3.1824, 2.7764};
  if (degrees <= kSmall.size()) return kSmall[degrees - 1];
  return student_t_of(1.959963984540054, degrees);  // within 3e-4
}

double student_t(std::size_t degrees, double below) {
  check(degrees);
  // By the upper tail, which does not round to nothing where `below` is near 1.
  const double z = where([](double at) { return -std::erfc(at / std::sqrt(2.0)) / 2; }, -(1 - below));
  return student_t_of(z, degrees);
}

double student_p(std::size_t degrees, double t) {
  check(degrees);
  const double z = where([&](double at) { return student_t_of(at, degrees); }, std::abs(t));
  return std::erfc(z / std::sqrt(2.0));
}

std::optional<VarianceComponents> variance_components(std::span<const std::vector<double>> groups) {
  double values = 0, squared_sizes = 0, total = 0;
  for (const auto& group : groups) {
    const auto size = static_cast<double>(group.size());
    values += size;
    squared_sizes += size * size;
    total = std::accumulate(group.begin(), group.end(), total);
  }
  const auto count = static_cast<double>(groups.size());
  if (count < 2 || values <= count) return std::nullopt;
  double within = 0, between = 0;  // sums of squares
  for (const auto& group : groups) {
    const double centre = mean(group), offset = centre - total / values;
    between += static_cast<double>(group.size()) * offset * offset;
    for (const double value : group) within += (value - centre) * (value - centre);
  }
  within /= values - count;
  between /= count - 1;
  return VarianceComponents{
      within, std::max(0.0, (between - within) * (count - 1) / (values - squared_sizes / values))};
}

TwoLevel two_level(std::span<const double> figures) {
  if (std::ranges::any_of(figures, [](double figure) { return figure <= 0; }))
    return {median(figures), std::nullopt};
  std::vector<double> logs;
  for (const double figure : figures) logs.push_back(std::log(figure));
  const double middle = median(logs);
  const double half =
      student_t(logs.size() - 1) * std::sqrt(variance(logs) / static_cast<double>(logs.size()));
  const auto [least, most] = std::ranges::minmax(figures);
  return {std::exp(middle),
          Interval{std::min(least, std::exp(middle - half)), std::max(most, std::exp(middle + half))}};
}

}  // namespace assay
