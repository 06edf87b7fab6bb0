// SPDX-License-Identifier: Apache-2.0
// A figure of a case as a limit asks for it, and whether it holds the limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analyse/summary.h"
#include "gate/judge.h"

namespace assay {

/// A headline at the statistic that was asked for.
struct MeasuredFigure {
  std::size_t case_index = 0;  // into Summary::cases
  std::string metric, of, unit;
  Better better = Better::lower;
  Stat statistic = Stat::median;
  bool stands_in = false;                  // its own statistic, since the draws do not support the asked one
  std::optional<double> value, low, high;  // with its 95 % interval
  std::int64_t n = 0, blocks = 0, sessions = 1;
  bool disturbed = false;
  std::string why;  // it is withheld, or not to be trusted
};

/// Nothing where the case has no such figure. Of a statistic that is not the figure's own, the figure that is
/// made of the same series by it, or lacking that the percentile of its draws, which has no interval.
std::optional<MeasuredFigure> figure_of(const Summary& summary, std::size_t case_index,
                                        const std::string& metric, std::optional<Stat> statistic = {});

/// What a limit says of one figure.
struct Met {
  Outcome verdict = Outcome::cannot_tell;
  std::optional<double> bound;     // that decides, of the two
  std::optional<double> margin;    // what is left of the bound, as a share of it; below 0: missed by
  std::optional<double> turns_at;  // the limit from which on the verdict would no longer be shown
  std::string why, advice;         // it cannot be told
};

/// 0 of a failure, then what cannot be told, then what passes: of several verdicts the gravest decides.
int gravity(Outcome outcome);

/// By the far end of the interval: it is met where all of it lies within, missed where all of it lies beyond.
/// Where intervals do not hold from one session to the next (comparison.h), it must do so by that allowance.
Met is_met(const MeasuredFigure& figure, std::optional<double> at_most, std::optional<double> at_least);

/// "0.48 s", with the unit of the figure.
std::string value_text(const MeasuredFigure& figure, double value);

}  // namespace assay
