// SPDX-License-Identifier: Apache-2.0
#include "device/control_group.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include "device/machine.h"

namespace assay {
namespace fs = std::filesystem;
namespace {

/// The folders of this process's group of a version 1 controller and of all its parents; a container may see
/// its own group as the root.
std::vector<fs::path> folders_of(const fs::path& mount, const std::string& group) {
  std::vector<fs::path> folders;
  for (fs::path path = fs::path(group).relative_path(); !path.empty(); path = path.parent_path())
    folders.push_back(mount / path);
  folders.push_back(mount);
  return folders;
}

struct Groups {
  std::vector<fs::path> v1, v2;
};

/// Lines of /proc/self/cgroup: "4:memory:/a/b" (version 1, controllers between colons) or "0::/a/b" (version
/// 2).
Groups groups_of(const fs::path& root, const std::string& controller) {
  Groups groups;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      group = line.substr(second + 1);
    const fs::path mounts = root / "sys/fs/cgroup";
    if (controllers.empty()) {
      for (const fs::path& mount : {mounts, mounts / "unified"})
        for (fs::path& folder : folders_of(mount, group)) groups.v2.push_back(std::move(folder));
    } else if (("," + controllers + ",").find("," + controller + ",") != std::string::npos) {
      for (const std::string& name : {controllers, controller})
        for (fs::path& folder : folders_of(mounts / name, group)) groups.v1.push_back(std::move(folder));
    }
  }
  return groups;
}

std::optional<std::int64_t> integer_in(const fs::path& file) {
  const auto line = first_line(file);
  if (!line || line->empty() || line->find_first_not_of("-0123456789") != std::string::npos)
    return std::nullopt;
  std::istringstream text(*line);
  std::int64_t value = 0;
  if (!(text >> value)) return std::nullopt;
  return value;
}

/// "inactive_file 1234" in memory.stat.
std::optional<std::int64_t> statistic(const fs::path& file, const std::string& key) {
  std::ifstream lines(file);
  std::string word;
  std::int64_t value = 0;
  while (lines >> word >> value)
    if (word == key) return value;
  return std::nullopt;
}

void add_group(std::vector<GroupMemory>& out, const fs::path& folder, const char* limit_file,
               const char* used_file, const char* droppable) {
  constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;  // version 1 spells "no limit" as a huge number
  const auto limit = integer_in(folder / limit_file), used = integer_in(folder / used_file);
  if (!limit || !used || *limit >= kUnlimited) return;
  const std::int64_t kept = *used - statistic(folder / "memory.stat", droppable).value_or(0);
  out.push_back({*limit, std::max<std::int64_t>(0, kept)});
}

/// Cores' worth of time: of version 2 by cpu.max ("150000 100000", or "max 100000").
std::optional<double> quota_v2(const fs::path& folder) {
  std::istringstream text(first_line(folder / "cpu.max").value_or(""));
  double microseconds = 0, period = 0;
  if (!(text >> microseconds >> period) || period <= 0) return std::nullopt;
  return microseconds / period;
}

std::optional<double> quota_v1(const fs::path& folder) {
  const auto microseconds = integer_in(folder / "cpu.cfs_quota_us");
  const auto period = integer_in(folder / "cpu.cfs_period_us");
  if (!microseconds || !period || *microseconds <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*microseconds) / static_cast<double>(*period);
}

}  // namespace

std::optional<std::string> first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) return std::nullopt;
  return line;
}

std::vector<GroupMemory> read_group_memory(const fs::path& root) {
  std::vector<GroupMemory> found;
  const Groups groups = groups_of(root, "memory");
  for (const fs::path& folder : groups.v2)
    add_group(found, folder, "memory.max", "memory.current", "inactive_file");
  for (const fs::path& folder : groups.v1)
    add_group(found, folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
  return found;
}

std::optional<double> read_cpu_quota(const fs::path& root) {
  std::optional<double> quota;
  const auto keep = [&quota](std::optional<double> cores) {
    if (cores) quota = std::min(quota.value_or(*cores), *cores);
  };
  const Groups groups = groups_of(root, "cpu");
  for (const fs::path& folder : groups.v2) keep(quota_v2(folder));
  for (const fs::path& folder : groups.v1) keep(quota_v1(folder));
  return quota;
}

std::vector<GroupThrottling> read_group_throttling(const fs::path& root) {
  std::vector<GroupThrottling> found;
  const auto add = [&found](const fs::path& folder, const char* key, double unit_s, const auto& quota) {
    const auto held = statistic(folder / "cpu.stat", key);
    if (!held) return;
    const double cores = *held > 0 ? quota(folder).value_or(0) : 0;
    found.push_back({.held_s = static_cast<double>(*held) * unit_s, .cores = cores});
  };
  const Groups groups = groups_of(root, "cpu");
  for (const fs::path& folder : groups.v2) add(folder, "throttled_usec", 1e-6, quota_v2);
  for (const fs::path& folder : groups.v1) add(folder, "throttled_time", 1e-9, quota_v1);
  return found;
}

}  // namespace assay
