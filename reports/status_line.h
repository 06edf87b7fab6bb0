// SPDX-License-Identifier: Apache-2.0
// The line that stands first in a report.
#pragma once

#include "analyse/status.h"
#include "reports/document.h"

namespace assay {

/// "2026-01-01", "2026-01-01 to 2026-01-03"; empty where it is not known.
std::string days_text(const Status& status);

/// "Draft: these figures may not be used as they are: 1 of 3 cases was disturbed (...). Measured on ...,
/// 2026-01-01, by assay 0.1.0, data 1a2b3c4d5e6f." `usable`: what it says where the report is valid.
Notice status_line(const Status& status, const Usability& usable);

}  // namespace assay
