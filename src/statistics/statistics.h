// SPDX-License-Identifier: Apache-2.0
// Order statistics of samples. Timings have a hard floor and a long tail, so the median stands for them, and
// its interval is the one that holds for any distribution. Formulas are in docs/measuring.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace assay {

struct Interval {
  double low, high;
};

// Of at least one sample; an empty span is our own mistake.
double median(std::span<const double> samples);
/// Linear between order statistics: position p * (n - 1) in the sorted samples.
double quantile(std::span<const double> samples, double p);
double mean(std::span<const double> samples);
/// Median distance from the median.
double median_absolute_deviation(std::span<const double> samples);
/// Of the sample (n - 1), in two passes: E[x^2] - E[x]^2 cancels. At least two samples.
double variance(std::span<const double> samples);

/// The narrowest pair of order statistics x(k), x(n + 1 - k) that holds the median with at least 95 %: the
/// number of samples below the median is binomial(n, 1/2), exactly, whatever the distribution. Nothing below
/// 6 samples, where even the smallest and the largest do not reach 95 %.
std::optional<Interval> median_interval(std::span<const double> samples);

/// Half the interval's width as a share of the median; nothing where there is no interval or the median is 0.
std::optional<double> relative_half_width(std::span<const double> samples);

/// p90 from 50 samples, p99 from 1000: at least 5 (10 from p99 up) samples lie beyond it.
std::optional<double> supported_percentile(std::span<const double> samples, double p);
std::int64_t fewest_for_percentile(double p);

/// Samples further than 3 standard deviations from the median, the deviation being 1.4826 median absolute
/// deviations (which a normal distribution's is). Counted, never dropped.
std::int64_t outliers(std::span<const double> samples);

}  // namespace assay
