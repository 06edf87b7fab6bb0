// SPDX-License-Identifier: Apache-2.0
// A figure as its fresh sessions gave it: what verdicts rest on.
#pragma once

#include <cstddef>
#include <vector>

#include "result/result.h"
#include "statistics/shift.h"

namespace assay {

/// By session, in their order: the natural logarithm of what the figure costs (a time, one over a rate), so
/// that a difference of two is the logarithm of a ratio, and above 0 the second is worse. A session's figure
/// is the median of its blocks' medians; other statistics are those of its draws. Empty where the case does
/// not hold the series, a session does not support the statistic, or a figure is not above 0.
std::vector<double> session_costs(const CaseResult& one, const MetricResult& metric);

/// Of two sides that were measured in turn: the number of the block that each session belongs to. Empty where
/// they were not.
struct Turns {
  std::vector<std::size_t> base, other;
};

/// Sessions by what they share: a block each where there are turns for all of them, else all in one.
std::vector<Stratum> strata_of(std::vector<double> base, std::vector<double> other, const Turns& turns);
bool in_turns(const std::vector<double>& base, const std::vector<double>& other, const Turns& turns);

}  // namespace assay
