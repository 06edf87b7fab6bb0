// SPDX-License-Identifier: Apache-2.0
// What stands side by side in a document, and which cases a sentence of its author means.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "acceptance/brief.h"
#include "analyse/summary.h"

namespace assay {

/// A device of a result, at one value of every setting that is compared across.
struct System {
  std::string label;               // tells it apart: "NVIDIA H100", "bf16", "EPYC 9R14, bf16"
  std::size_t device = 0;          // into Summary::devices
  Json at = Json::object();        // {"dtype": "bf16"}
  std::vector<std::size_t> cases;  // into Summary::cases
};

/// In the order of their first case; none without cases.
std::vector<System> systems_of(const Summary& summary, const std::vector<std::string>& across);

/// The case's value of a setting: "workload", "model", or one of CaseSummary::settings; null where it has
/// none.
Json setting_of(const CaseSummary& one, const std::string& name);

bool is_meant(const CaseChoice& choice, const CaseSummary& one);

/// Why no case is meant: a setting that none has, or values that none has; for people.
std::string why_none_is_meant(const CaseChoice& choice, const Summary& summary);

}  // namespace assay
