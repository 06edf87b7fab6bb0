// SPDX-License-Identifier: Apache-2.0
// One side of an interleaved run: the results of its turns, each a process of its own, become one result
// whose sessions they are. Knows nothing of the other side, nor of how a turn is started.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/stop_rule.h"
#include "result/result.h"

namespace assay {

/// What one turn of a side left.
struct TurnResult {
  std::int64_t number = 0;  // of all turns of both sides, from 1
  Result result;            // may lack cases
  std::string problem;      // why it does; "" where it lacks none
};

/// `base` is a run of the side's cases that is not counted: kernels were chosen in it and operations timed
/// alone, and what it found holds for all turns. Stages, passes, peaks and the machine are the turns', whose
/// figures are made by `rule`, which holds for all sessions together. A case that failed in a turn has
/// failed: its figures would lack a session, and the sides' would no longer be each other's neighbours. Of an
/// interrupted run the last turn may lack cases.
Result merge_turns(const Result& base, std::span<const TurnResult> turns, const StopRule& rule,
                   bool interrupted);

/// What the metrics of a result are made of; made again from what each says of itself.
std::vector<MetricSpec> specs_of(const std::map<std::string, MetricResult>& metrics);

}  // namespace assay
