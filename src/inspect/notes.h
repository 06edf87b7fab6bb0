// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace assay {

/// The plan's, and before them which of its ops no kernel computes yet: it is sized, and not executed.
std::vector<std::string> notes_of(const Plan& plan);

}  // namespace assay
