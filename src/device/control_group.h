// SPDX-License-Identifier: Apache-2.0
// Limits of the control groups this process is in, version 1 and 2, from its own group up to the root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

struct GroupMemory {
  std::int64_t limit_bytes = 0, used_bytes = 0;  // used: without the page cache that can be dropped
};
/// Every group with a limit.
std::vector<GroupMemory> read_group_memory(const std::filesystem::path& root);

/// Time that a group was held back because its quota was used up: of all its run queues (one a cpu), summed.
struct GroupThrottling {
  double held_s = 0, cores = 0;  // cores: the quota; 0 none, or never held
};
/// Every group that counts it, from this process's own up.
std::vector<GroupThrottling> read_group_throttling(const std::filesystem::path& root);

/// The first line of a small file without its newline; nullopt where it cannot be read.
std::optional<std::string> first_line(const std::filesystem::path& file);

}  // namespace assay
