// SPDX-License-Identifier: Apache-2.0
#include "cli/judge.h"

#include <algorithm>
#include <span>

#include "analyse/summary.h"

namespace assay {

void judge(const Result& result, bool allow_skips, Outcome& outcome) {
  const auto count = [&](CaseStatus status) {
    return std::ranges::count(result.cases, status, &CaseResult::status);
  };
  if (count(CaseStatus::ok) == 0 && !(allow_skips && count(CaseStatus::not_a_measurement) == 0))
    outcome.add(ExitCode::inconclusive);
  if (outputs_disagree(std::span(&result, 1))) outcome.add(ExitCode::wrong_result);
}

}  // namespace assay
