// SPDX-License-Identifier: Apache-2.0
// Cases that look slower, measured again before a gate fails.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.h"
#include "result/result.h"

namespace assay {

struct ConfirmJob {
  std::filesystem::path config, against;
  std::string device = "auto";
};

struct ConfirmRun {
  Result base, candidate;
  bool interleaved = false;
};

/// Runs the cases of `config`, interleaved with the baseline's build where `against` names it; else the
/// candidate alone, to be judged against `base`. Error where that run measured nothing.
ConfirmRun confirm_run(const ConfirmJob& job, const std::vector<std::string>& cases, const Result& base,
                       const std::filesystem::path& out, Context& context);

}  // namespace assay
