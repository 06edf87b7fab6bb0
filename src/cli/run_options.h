// SPDX-License-Identifier: Apache-2.0
// The options of `assay run`: of a command line that is given, and of one that a result has recorded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/run_job.h"

namespace CLI {
class App;
}

namespace assay {

struct RunOptionsRead {
  RunJob job;
  std::vector<std::string> kernels;  // OP=NAME each
  std::filesystem::path resume;      // --resume
};
void declare_run_options(CLI::App& command, RunOptionsRead& read);

/// What they ask for; Error(bad_input) where they contradict each other.
RunJob job_of(const RunOptionsRead& read);

/// Of the argv of an `assay run`; `place` names it in complaints.
RunJob job_of_command(const std::vector<std::string>& command, const std::string& place);

}  // namespace assay
