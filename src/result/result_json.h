// SPDX-License-Identifier: Apache-2.0
// The one reader and writer of result files. Readers accept keys they do not know, and refuse another major
// version of the schema. Does not judge what it reads.
#pragma once

#include <filesystem>
#include <string>

#include "result/result.h"

namespace assay {

/// Error(bad_input) names the file, the place in it, and what would be right.
Result read_result(const std::filesystem::path& path);
Result result_from_json(const Json& json, const std::string& file);
void write_result(const std::filesystem::path& path, const Result& result);  // atomically
Json to_json(const Result& result);
/// JSON Schema (2020-12) of a result file.
Json result_schema();

/// Indented, with arrays of plain values (samples) on one line; bytes that are not UTF-8 are replaced.
std::string pretty(const Json& json);
/// Text in its quotes; bytes that are not UTF-8 are replaced.
void append_json_text(std::string& out, const std::string& text);

}  // namespace assay
