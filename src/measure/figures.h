// SPDX-License-Identifier: Apache-2.0
// What is made of the series of a case, and whether that is a measurement. The runner makes figures of what
// it has just timed; merged_turns.h makes them of what several runs of the case have.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plan/plan.h"
#include "plan/stop_rule.h"
#include "result/result.h"

namespace assay {

/// Reason of a case that was stopped.
inline constexpr std::string_view kInterrupted = "interrupted";

/// The series of what probes of a peak reached beside the blocks: "peak/memory".
std::string peak_series(std::string_view peak);

/// Fills peaks, the stages' times and metrics. `before`: peaks that were probed before the case, for what was
/// not probed beside its blocks.
void add_figures(CaseResult& one, std::span<const MetricSpec> specs, const Peaks& before,
                 const StopRule& rule);

/// Sets status and reason: a figure without an interval is no measurement, whatever it says.
void judge_figures(CaseResult& one, const StopRule& rule, bool interrupted);

}  // namespace assay
