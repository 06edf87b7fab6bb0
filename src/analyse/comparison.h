// SPDX-License-Identifier: Apache-2.0
// Two results of the same case, figure by figure and output by output. Used by the report of several devices;
// made for `compare` and `gate` as well, so that the three cannot disagree.
//
// A verdict rests on sessions: an interval from within one session does not hold for the next, in which
// memory is laid out anew and the machine's neighbours have changed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "result/result.h"

namespace assay {

/// What the same command has given minutes later on one machine: times 1.13x apart, memory bandwidth 1.54x
/// (35 to 54 GB/s). Where a side has one session, a ratio within this says nothing.
inline constexpr double kSessionAllowance = 1.6;
/// The same where a side was disturbed (it has warnings): a neighbour that takes half of the cores' time
/// doubles times, on top of that.
inline constexpr double kDisturbedAllowance = 2 * kSessionAllowance;

enum class Verdict : std::uint8_t { better, worse, no_difference, cannot_tell };
std::span<const std::string_view> enum_names(Verdict);
enum class Agreement : std::uint8_t { agree, disagree, cannot_tell };
std::span<const std::string_view> enum_names(Agreement);

/// One figure. `ratio` above 1: `other` is better than `base`, in the figure's own sense.
struct MetricComparison {
  std::string metric, unit;
  Better better = Better::lower;
  std::optional<double> base, other, ratio;
  std::optional<double> low, high;  // from the ends of both 95 % intervals: holds with at least 90 %
  Verdict verdict = Verdict::cannot_tell;
  std::string why;  // it cannot be told, and what would tell
};

/// One output, e.g. "prefill logits", at the places that both results kept.
struct OutputComparison {
  std::string output;
  std::optional<double> difference;  // rms(a - b) / rms(a)
  double tolerance = 0;              // the larger of the two results'
  Agreement verdict = Agreement::cannot_tell;
  std::string why;  // it cannot be told
};

struct Comparison {
  std::string different;     // not empty: why the two are not the same work; then no more is said
  std::string not_measured;  // not empty: which of the two is no measurement; then no metrics are compared
  std::vector<MetricComparison> metrics;
  std::vector<OutputComparison> outputs;
};

Comparison compare(const CaseResult& base, const CaseResult& other);

OutputComparison agreement(const std::string& output, const OutputResult& a, const OutputResult& b);

}  // namespace assay
