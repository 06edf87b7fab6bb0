// SPDX-License-Identifier: Apache-2.0
// JSON text, read strictly: a size and a depth limit, no duplicate keys; comments are allowed. Every
// complaint is an Error(bad_input) "FILE:LINE:COLUMN: what is wrong" with a hint.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json_fields.h"

namespace assay {

inline constexpr std::int64_t kJsonFileLimitBytes = std::int64_t{64} << 20;
inline constexpr int kJsonDepthLimit = 64;

Json load_json(const std::filesystem::path& path);

/// `name` stands for the file in messages.
Json parse_json(std::string_view text, const std::string& name);

/// Two-space indentation and a final newline, written atomically.
void save_json(const std::filesystem::path& path, const Json& value);

}  // namespace assay
