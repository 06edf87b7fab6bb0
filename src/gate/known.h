// SPDX-License-Identifier: Apache-2.0
// Regressions that are known and accepted for a while ("assay.known/1"): each with a reason, an end, and how
// large it may be.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/json_fields.h"

namespace assay {

struct KnownRegression {
  std::string metric = "*", cases = "*";  // * stands for any text
  double loss = 0;                        // at most this share
  std::string reason, until;              // until: the last day, "2026-12-31"
};

/// Error(bad_input) names the place; an `until` that is no date, or no reason, is one.
std::vector<KnownRegression> read_known(const std::filesystem::path& path);
std::vector<KnownRegression> known_from_json(const Json& json, const std::string& file);

/// The entry that covers this loss today; null where none does. `expired`: one would have.
const KnownRegression* find_known(std::span<const KnownRegression> known, const std::string& case_id,
                                  const std::string& metric, double loss, const std::string& today,
                                  bool& expired);

}  // namespace assay
