// SPDX-License-Identifier: Apache-2.0
// `assay run A.json B.json --interleave` and `assay run CONFIG --against OTHER`: two sides whose sessions are
// taken in turn, each in a process of its own, and a result of each. This process measures nothing itself.
#pragma once

#include "cli/run_job.h"

namespace assay {

/// Sets context.exit_code.
void run_interleaved(const RunJob& job, Context& context);

}  // namespace assay
