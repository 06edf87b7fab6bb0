// SPDX-License-Identifier: Apache-2.0
// What makes two results no fair comparison for a gate: whatever changes figures besides the change that is
// judged.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gate/gate.h"
#include "gate/questions.h"

namespace assay {

std::vector<GateDifference> incomparable(const Result& base, const Result& candidate,
                                         std::span<const PairedCase> pairs);

}  // namespace assay
