// SPDX-License-Identifier: Apache-2.0
// What a finished result says of its run's success.
#pragma once

#include "cli/outcome.h"
#include "result/result.h"

namespace assay {

/// A run that measured nothing of what it was asked to is no success, nor is one whose devices disagree.
void judge(const Result& result, bool allow_skips, ExitOutcome& outcome);

}  // namespace assay
