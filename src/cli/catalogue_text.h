// SPDX-License-Identifier: Apache-2.0
// The catalogue as `assay list devices --catalogue` shows it.
#pragma once

#include <string>

#include "base/json_fields.h"

namespace assay {

std::string catalogue_text();
/// Unknown rates are null.
Json catalogue_json();

}  // namespace assay
