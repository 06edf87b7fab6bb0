// SPDX-License-Identifier: Apache-2.0
// Every limit on every system: pass, fail, or cannot tell, with the case that decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acceptance/sweep.h"

namespace assay {

struct LimitVerdict {
  std::size_t limit = 0, system = 0;
  Outcome verdict = Outcome::cannot_tell;
  std::int64_t cases = 0, met = 0;                // that are meant, and of those the ones that meet it
  std::optional<MeasuredFigure> figure;           // of the case that decides: the worst
  std::optional<double> bound, margin, turns_at;  // as in Met
  std::optional<double> holds_to;                 // where a capacity is wanted: as far as it is met
  std::string why, advice;
};

/// By limit, then by system.
std::vector<LimitVerdict> limit_verdicts(const Summary& summary, const std::vector<System>& systems,
                                         const std::vector<Sweep>& sweeps,
                                         const std::vector<Capacity>& capacities,
                                         const std::vector<AcceptanceLimit>& limits);

}  // namespace assay
