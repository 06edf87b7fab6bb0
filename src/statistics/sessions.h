// SPDX-License-Identifier: Apache-2.0
// What differs between fresh sessions, and the interval of a figure that few of them gave.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "statistics/statistics.h"

namespace assay {

/// Student's t below which 97.5 % lie, for `degrees` of freedom, at least 1.
double student_t(std::size_t degrees);

/// Student's t below which the share `below` lies, above a half; from 5 degrees of freedom, where it is
/// within 2 % up to 0.9999. Lower ones are std::logic_error: nothing is to be concluded from so few.
double student_t(std::size_t degrees, double below);
/// P(|T| >= t), by the former turned round.
double student_p(std::size_t degrees, double t);

struct VarianceComponents {
  double within, between;
};
/// One-way random effects by analysis of variance, groups of any sizes: Searle, Casella and McCulloch,
/// "Variance Components" (1992), section 3.6. Negative estimates of `between` are 0. Nothing where all groups
/// hold one value, which cannot be told apart, or there are fewer than two groups.
std::optional<VarianceComponents> variance_components(std::span<const std::vector<double>> groups);

struct TwoLevel {
  double value;
  std::optional<Interval> ci95;  // nothing unless every figure is above 0
};
/// Two to five sessions' figures: their median, and around it t(sessions - 1) standard errors of their mean,
/// on the scale of logarithms, so that no interval reaches 0 and a rate's is that of its time. The median, as
/// the mean's interval fails for skewed figures (83 % of 5 lognormal ones; the median's 93). Widened to hold
/// every session, which alone has 93.75 % for five of any distribution.
TwoLevel two_level(std::span<const double> figures);

}  // namespace assay
