// SPDX-License-Identifier: Apache-2.0
// Where a run's files go. The rule: a run never replaces results that are there already, unless it is told
// to.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/output_folder.h"
#include "cli/run_job.h"

namespace assay {

/// --out, which is an Error(bad_input) where it holds results and the job does not say --replace; or
/// out/<name>, with a number behind it where that holds some.
std::filesystem::path run_folder(const RunJob& job, const std::string& name, const Context& context);

/// Results of a run, or of two in turns, in their folder: what --replace removes as the new one begins.
void remove_results(const std::filesystem::path& folder);

/// What a job reads; Error(bad_input) where a report of it, or `others`, would be written over one of them.
void check_outputs(const RunJob& job, const std::filesystem::path& folder,
                   const std::vector<std::string>& others);

}  // namespace assay
