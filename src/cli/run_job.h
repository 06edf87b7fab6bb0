// SPDX-License-Identifier: Apache-2.0
// One `assay run`: configs and devices in, a folder with result.json and reports out.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace assay {

struct RunJob {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> devices = {"auto"};
  std::filesystem::path out;  // empty: out/<name>
  std::vector<std::string> overrides;
  bool quick = false;
  std::optional<std::filesystem::path> weights;
  std::map<std::string, std::string> forced_kernels;
  std::string only;
  bool no_time = false;
  std::vector<std::string> formats;
};

/// Sets context.exit_code. result.json is written as each case ends, so that nothing measured is lost.
void run_job(const RunJob& job, Context& context);

}  // namespace assay
