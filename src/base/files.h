// SPDX-License-Identifier: Apache-2.0
// Files as a whole: read with a limit, and written so that a full disk or a kill never leaves half of one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace assay {

/// The bytes of a file of at most `limit_bytes`; Error(bad_input) "FILE: is missing" and the like.
std::string read_file(const std::filesystem::path& path, std::int64_t limit_bytes);

/// Writes beside `path` and renames over it; when it returns, file and name are on the disk.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Makes the folder, and those above it, where they are missing.
void make_folder(const std::filesystem::path& folder);

/// Makes the folder and proves that a file can be written there, so that a long run does not end in
/// "permission denied". Writes megabytes: once a run.
void check_output_folder(const std::filesystem::path& folder);

}  // namespace assay
