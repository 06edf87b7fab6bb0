// SPDX-License-Identifier: Apache-2.0
// What a run says at its end on a terminal: the answer, not the report.
#pragma once

#include <string>

#include "analyse/summary.h"

namespace assay {

/// A line a stage and case: its time with the half width of its interval, the rates that are made of the same
/// draws, and its share of the bound at the measured peaks; then whether the figures may be used. Of many
/// cases the first ones.
std::string answer_text(const Summary& summary);

}  // namespace assay
