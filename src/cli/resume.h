// SPDX-License-Identifier: Apache-2.0
// `assay run --resume DIR`: a run that was cut short goes on with the cases that are missing. It is the run
// that its command and its config asked for, on the same machine; what is not is refused.
#pragma once

#include <filesystem>
#include <string>

#include "cli/agenda.h"
#include "result/result.h"

namespace assay {

/// The job of the run in `folder`, which keeps the cases that were measured or skipped; failed ones, those
/// that are no measurement and those cut short run again. `asked` may name configs, which must come to the
/// recorded one, and formats.
RunJob resumed_job(const std::filesystem::path& folder, const RunJob& asked);

/// Error(bad_input) where program or devices are others than the run was begun with.
void check_resumed(const Result& kept, const Agenda& agenda);

bool holds(const Result& kept, const std::string& case_id, const std::string& device);
bool nothing_missing(const Result& kept, const Agenda& agenda);

/// What a reader of the result must know.
std::string resumed_warning(const Result& kept, const Agenda& agenda);

}  // namespace assay
