// SPDX-License-Identifier: Apache-2.0
#include "cli/judge.h"

#include <span>

#include "analyse/summary.h"

namespace assay {

void judge(const Result& result, bool allow_skips, ExitOutcome& outcome) {
  if (result.count(CaseStatus::ok) == 0 && !(allow_skips && result.count(CaseStatus::not_a_measurement) == 0))
    outcome.add(ExitCode::inconclusive);
  if (outputs_disagree(std::span(&result, 1))) outcome.add(ExitCode::wrong_result);
}

}  // namespace assay
