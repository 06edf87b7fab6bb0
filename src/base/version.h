// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace assay {

std::string_view version();       // "0.1.0"
std::string_view git_revision();  // "67f16a5...", "-dirty" where the tree was changed; "" outside a checkout
std::string_view build_description();  // "Release GNU 12.2.0"

}  // namespace assay
