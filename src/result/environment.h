// SPDX-License-Identifier: Apache-2.0
// What a reader needs to know of the machine to trust or repeat a figure. Reads /proc and /sys; never the
// host name, the user or an address.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "result/result.h"

namespace assay {

/// Keys: os, kernel, architecture, virtualisation, container, cpu_governor, cpu_boost, smt, numa_nodes, cpus,
/// cpu_quota, memory, transparent_hugepages, load_average, compiler, libc, and OMP_* and like variables that
/// steer speed. What cannot be found is left out. `root` stands for "/" in tests.
std::map<std::string, std::string> read_environment(const std::filesystem::path& root = "/");

std::string utc_now();  // "2026-01-31T12:00:00Z"
/// Between two such texts; nothing where one is none.
std::optional<double> seconds_between(const std::string& first, const std::string& last);

}  // namespace assay
