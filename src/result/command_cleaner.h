// SPDX-License-Identifier: Apache-2.0
// Command lines of assay without paths and names: options and figures stay, so that a reader sees what was
// done.
#pragma once

#include <string>
#include <vector>

#include "result/text_cleaner.h"

namespace assay {

/// What is not a subcommand, a figure, or the value of an option that takes no path goes.
std::vector<std::string> clean_command(TextCleaner& cleaner, std::vector<std::string> words);

/// The same of a line for a shell; quotes stay with their word.
std::string clean_command_line(TextCleaner& cleaner, const std::string& line);

}  // namespace assay
