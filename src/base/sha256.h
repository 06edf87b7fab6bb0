// SPDX-License-Identifier: Apache-2.0
// Names contents by their SHA-256, as `sha256sum` does, so that anybody can check which file a report is of.
#pragma once

#include <string>
#include <string_view>

namespace assay {

std::string sha256_hex(std::string_view bytes);  // 64 digits, lower case

}  // namespace assay
