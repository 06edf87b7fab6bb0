// SPDX-License-Identifier: Apache-2.0
// Runs a plan on a device: lays it out in memory, chooses among the kernels that verify, checks every op
// against its float64 reference, times ops and stages. The only caller of Kernel::launch().
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "device/backend.h"
#include "plan/plan.h"
#include "plan/stop_rule.h"
#include "result/result.h"

namespace assay {

/// What the runner is doing, for a progress line. `done` and `total` count within the phase; 0 total:
/// unknown.
struct Progress {
  std::string phase;  // "verify", "time prefill"
  std::string detail;
  std::int64_t done = 0, total = 0;
};

struct RunOptions {
  std::uint64_t seed = 1;
  StopRule stop;
  bool time = true;                                   // false: verify only
  std::optional<std::filesystem::path> weights;       // safetensors folder
  std::map<std::string, std::string> forced_kernels;  // op kind -> kernel name
  std::function<void(const Progress&)> progress;      // may be empty
  std::function<bool()> interrupted;  // polled between samples; true: stop, keep what there is
  std::function<double()> now_s;      // empty: steady_clock
};

/// Fills everything of the case but id, axes, workload and repro. A plan that does not fit, or an op that no
/// kernel serves, is `skipped` with the reason; a wrong op is `failed`, and is not timed.
CaseResult run_plan(const Plan& plan, OpenDevice& device, const Peaks& peaks, const RunOptions& options);

}  // namespace assay
