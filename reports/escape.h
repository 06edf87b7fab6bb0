// SPDX-License-Identifier: Apache-2.0
// Text of users and machines (names, reasons, paths) made harmless in each syntax.
#pragma once

#include <string>
#include <string_view>

namespace assay {

std::string escape_html(
    std::string_view text);  // also for SVG; control characters go, invalid UTF-8 becomes U+FFFD
std::string escape_markdown(
    std::string_view text);  // one line; pipes, markup characters and HTML show as they are
std::string escape_csv(std::string_view text);  // quoted where needed; a spreadsheet sees no formula

/// "Qwen 2.5 / batch=1" -> "qwen-2.5-batch-1": part of a file name or an anchor.
std::string slug(std::string_view text);

}  // namespace assay
