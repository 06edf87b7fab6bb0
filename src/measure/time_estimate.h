// SPDX-License-Identifier: Apache-2.0
// How long a case will take, from its plan and the peaks of the device: an estimate to plan a day by, never a
// figure.
#pragma once

#include <span>
#include <vector>

#include "device/device.h"
#include "plan/plan.h"
#include "plan/stop_rule.h"

namespace assay {

struct TimeEstimate {
  double least_s = 0;  // with the fewest blocks that make an interval
  double most_s = 0;   // where sampling goes on to max_seconds
};

/// `time` false: verification alone.
TimeEstimate estimate_time(const Plan& plan, const Peaks& peaks, const StopRule& rule, bool time);

/// The rule with max_seconds cut so that the case takes about `seconds`, if that is above its least.
StopRule fit_rule(const StopRule& rule, const TimeEstimate& estimate, double seconds);

/// Seconds that each case gets out of `budget_s`: its least, and of what is left a part in proportion to what
/// it could use. Cases that do not fit any more get 0, the last ones first.
std::vector<double> share_budget(std::span<const TimeEstimate> cases, double budget_s);

}  // namespace assay
