// SPDX-License-Identifier: Apache-2.0
// JSON text, read strictly: a size and a depth limit, no duplicate keys; comments are allowed. Every
// complaint is an Error(bad_input) "FILE:LINE:COLUMN: what is wrong" with a hint.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/json_fields.h"

namespace assay {

inline constexpr std::int64_t kJsonFileLimitBytes = std::int64_t{64} << 20;
inline constexpr std::size_t kJsonDepthLimit = 64;

Json load_json(const std::filesystem::path& path, std::int64_t most_bytes = kJsonFileLimitBytes);

/// Calls `take` with the value of each line of a log of JSON values (base/line_log.h), however long the log;
/// the limits are those of a line. Empty lines are left out. True where the last line was cut off, by a kill
/// while it was written: it is left out, too.
bool load_json_lines(const std::filesystem::path& path, const std::function<void(Json&&)>& take);

/// `name` stands for the file in messages.
Json parse_json(std::string_view text, const std::string& name);

/// Two-space indentation and a final newline, written atomically.
void save_json(const std::filesystem::path& path, const Json& value);

}  // namespace assay
