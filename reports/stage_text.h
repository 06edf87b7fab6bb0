// SPDX-License-Identifier: Apache-2.0
// What class a stage's work is of, and how near it is to its bound, in parts of a sentence.
#pragma once

#include "analyse/summary.h"
#include "reports/document.h"

namespace assay {

/// ": by its counts memory-bound", with shares of the time where there are several classes.
std::string classes_text(const StageSummary& stage);

/// "by its counts mostly memory-bound": the class that most of its time is of alone; empty where none is
/// known.
std::string main_class_text(const StageSummary& stage);

/// ", at 90.5 % of the bound at the measured peaks (...)", or why it is withheld.
void add_share_of_bound(Text& text, const StageSummary& stage);

}  // namespace assay
