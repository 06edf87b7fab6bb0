// SPDX-License-Identifier: Apache-2.0
// What happened while a case was timed that keeps its figures from being used as they are. Cause and remedy
// each; nothing is dropped for it.
#pragma once

#include "result/result.h"

namespace assay {

inline constexpr double kOthersShare = 0.02;  // of the CPUs' time
inline constexpr double kCoveredLeast = 0.5;  // of a stage's time, by its ops' times added up
inline constexpr double kCoveredMost = 1.5;
inline constexpr double kLateShare = 0.1;  // of the blocks

/// Fills StageResult::covered and CaseResult::warnings. `slow_blocks`: throttled, and kept for want of
/// better.
void add_case_warnings(CaseResult& one, std::int64_t slow_blocks);

}  // namespace assay
