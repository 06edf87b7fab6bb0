// SPDX-License-Identifier: Apache-2.0
// Two results of the same case, figure by figure and output by output. Used by the report of several devices;
// made for `compare` and `gate` as well, so that the three cannot disagree.
//
// A verdict rests on sessions: an interval from within one session does not hold for the next, in which
// memory is laid out anew and the machine's neighbours have changed. From six sessions a side on it is made
// by ranks (statistics/shift.h), with p values that allow for how many figures are compared; "same" means
// shown to be within kSameMargin (two one-sided tests), and never that no difference was found.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyse/session_costs.h"
#include "result/result.h"
#include "statistics/shift.h"

namespace assay {

/// What the same command has given minutes later on one machine: times 1.13x apart, memory bandwidth 1.54x
/// (35 to 54 GB/s). Where a side has one session, a ratio within this says nothing.
inline constexpr double kSessionAllowance = 1.6;
/// The same where a side was disturbed (it has warnings): a neighbour that takes half of the cores' time
/// doubles times, on top of that.
inline constexpr double kDisturbedAllowance = 2 * kSessionAllowance;

/// Two figures no further apart than this are the same, for all that matters.
inline constexpr double kSameMargin = 0.02;
/// That figures without a difference are called faster or slower: at most in so many comparisons of results.
inline constexpr double kSignificance = 0.05;

/// faster: the other is better, whatever the figure is of.
enum class Verdict : std::uint8_t { faster, slower, same, cannot_tell };
std::span<const std::string_view> enum_names(Verdict);
enum class Agreement : std::uint8_t { agree, disagree, cannot_tell };
std::span<const std::string_view> enum_names(Agreement);

/// What an interval of a ratio is made of.
enum class Basis : std::uint8_t {
  none,
  intervals,  // the ends of both 95 % intervals: holds with at least 90 %
  sessions,   // fresh sessions of both
  turns,      // fresh sessions that both took in turn
};
std::span<const std::string_view> enum_names(Basis);

/// One figure. `ratio` above 1: `other` is better than `base`, in the figure's own sense.
struct MetricComparison {
  std::string metric, of, unit;
  Better better = Better::lower;
  Stat statistic = Stat::median;
  std::optional<double> base, other;  // the figures
  std::optional<double> ratio;        // of sessions the Hodges-Lehmann one; else of the figures
  Basis basis = Basis::none;
  std::optional<double> low, high;  // 95 % interval of the ratio
  std::int64_t base_sessions = 1, other_sessions = 1;
  std::optional<Shift> shift;        // of session costs, where the basis is sessions or turns
  std::optional<double> p;           // two-sided, of this figure alone
  std::optional<double> p_adjusted;  // Holm's, over every figure that was compared
  std::string effect;                // how far apart sessions lie: "large"
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

/// task: the same arithmetic, in number formats that may move other bytes.
enum class Alike : std::uint8_t { work, task };

/// Why two cases of one id are not the same work (axes, stages, FLOPs, bytes), or task, or "".
std::string work_difference(const CaseResult& a, const CaseResult& b, Alike alike = Alike::work);

/// One pair, as if it were the only one.
Comparison compare(const CaseResult& base, const CaseResult& other);

/// Many pairs: each is compared, then all verdicts are settled together, since p values are adjusted over
/// all.
Comparison compare_unsettled(const CaseResult& base, const CaseResult& other, ShiftTest& test,
                             const Turns& turns = {}, Alike alike = Alike::work);
void settle(std::span<Comparison* const> all);

OutputComparison agreement(const std::string& output, const OutputResult& a, const OutputResult& b);

}  // namespace assay
