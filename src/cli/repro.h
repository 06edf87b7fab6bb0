// SPDX-License-Identifier: Apache-2.0
// The command that runs one case of a job alone.
#pragma once

#include <string>

#include "cli/run_job.h"

namespace assay {

/// An id as a regular expression that matches it alone.
std::string exactly(const std::string& case_id);

std::string repro_line(const RunJob& job, const std::string& device, const std::string& case_id);

}  // namespace assay
