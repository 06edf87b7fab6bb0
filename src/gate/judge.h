// SPDX-License-Identifier: Apache-2.0
// The verdict on one figure, from numbers alone: how far its sessions lie apart, under which limit, beside
// which noise. Between what is allowed and what must be caught lies room in which a loss may pass or be
// undecided: without it every gate would be right only half of the time at its own bound.
//
//   fail         the shift is beyond `bound`, and significant
//   pass         it is not, and the 95 % upper end of the loss lies below `catches`
//   cannot tell  neither
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gate/limits.h"
#include "result/result.h"
#include "statistics/shift.h"

namespace assay {

enum class Outcome : std::uint8_t { pass, fail, cannot_tell };
std::span<const std::string_view> enum_names(Outcome);

/// The variance of a median of normal values is this much that of their mean.
inline constexpr double kVarianceOfMedian = 1.5708;
/// Normal: a loss this many deviations above the bound is beyond it in 95 % of the cases.
inline constexpr double kCaught = 1.645;

/// Both as logarithms of ratios of costs.
struct Bounds {
  double bound = 0;    // losses up to here are allowed
  double catches = 0;  // a loss from here on never passes
};

/// What a gate knows beyond the figure at hand.
struct GateScale {
  double significance = 0.05, false_alarms = 0.005;
  std::int64_t min_sessions = 8;
  std::size_t questions = 1;  // losses that are judged together
};

/// A change of one figure: sessions of two results.
struct Evidence {
  Shift shift;  // of session costs: above 0 the candidate costs more
  std::int64_t base_sessions = 0, candidate_sessions = 0;
  bool turns = false;
  const Noise* noise = nullptr;       // may be none
  std::optional<double> base_figure;  // in its unit, for absolute losses
  Better better = Better::lower;
};

/// With a calibration no narrower than that sessions without a change stay within it in all but
/// `false_alarms` of the suites (Student's t, shared out over the questions), nor than what was seen.
Bounds bounds_of(const Limit& limit, const Evidence& evidence, const GateScale& scale);

/// Whether so many sessions can lie apart at this significance at all.
bool can_tell_by_ranks(const Evidence& evidence, double significance);

/// The p of a change. With a calibration, that its noise alone moves a figure as far (Student's t); else by
/// the ranks of the sessions. Nothing where neither can tell.
std::optional<double> p_of(const Evidence& evidence, const GateScale& scale);

/// With a calibration: the shift from which its noise is not enough, at this two-sided level.
std::optional<double> significant_shift(const Evidence& evidence, double level);

/// With a calibration: whether sessions lie apart by no more than chance among themselves, so that this run
/// must have been noisier than what the calibration knows. Of one figure alone: that many are asked about is
/// made good for by the calibration's p already.
bool noisier_than_calibrated(const Evidence& evidence, const GateScale& scale);

struct Judgement {
  Outcome verdict = Outcome::cannot_tell;
  std::string why, advice;  // empty where it passes
};

/// `p_adjusted`: Holm's over the gate; nothing where p_of() gave nothing.
Judgement judge_loss(const Limit& limit, const Evidence& evidence, const Bounds& bounds,
                     const std::optional<double>& p_adjusted, const GateScale& scale);

/// The candidate's own figure against at_most and at_least.
Judgement judge_value(const Limit& limit, const MetricResult& metric);

/// A logarithm of a ratio as a share: 0.0296 -> 0.03.
double share_of_log(double log);

}  // namespace assay
