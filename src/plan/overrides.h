// SPDX-License-Identifier: Apache-2.0
// "--set /load/batch=4": changes to a run config given on the command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json_fields.h"

namespace assay {

struct Override {
  std::vector<std::string> path;  // keys and indices, unescaped
  Json value;
  std::string text;  // as given, for complaints

  bool starts_with(std::string_view key) const { return !path.empty() && path.front() == key; }
};

/// VALUE is JSON where it parses as JSON, and a string otherwise.
std::vector<Override> parse_overrides(std::span<const std::string> texts);

/// Sets the value in `document`; objects on the way are made, list elements must be there.
void apply(const Override& change, Json& document);

}  // namespace assay
