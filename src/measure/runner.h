// SPDX-License-Identifier: Apache-2.0
// Runs a plan on a device: lays it out in memory, chooses among the kernels that verify, checks every op
// against its float64 reference, times ops and stages. The only caller of Kernel::launch().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "device/backend.h"
#include "device/host_watch.h"
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

/// A choice made before: a kernel of the table, and a variant of it where it has some.
struct ChosenKernel {
  std::string kernel, variant;
};

struct RunOptions {
  std::uint64_t seed = 1;
  StopRule stop;
  bool time = true;                                   // false: verify only
  bool time_ops = true;                               // false: stages alone
  std::shared_ptr<const SafeTensors> weights;         // null: weights come from the seed
  std::map<std::string, std::string> forced_kernels;  // op kind -> kernel name
  std::map<std::string, ChosenKernel> choices;        // placed_key() -> what an earlier run chose
  bool choose_missing = false;                        // where that cannot be used, choose anew
  double quiet_speed = 0;                         // of an earlier run: what SpeedMeter may expect; 0: unknown
  std::function<void(const Progress&)> progress;  // may be empty
  std::function<bool()> interrupted;              // polled between samples; true: stop, keep what there is
  std::function<double()> now_s;                  // empty: steady_clock
  std::function<HostCounters()> counters;         // empty: the kernel's
};

/// Fills everything of the case but id, axes, workload, model and repro. A plan that does not fit, or an op
/// that no kernel serves, is `skipped` with the reason; a wrong op is `failed`, and is not timed; a case
/// whose draws support no interval is `not_a_measurement`.
///
/// `host` is the CPU that feeds the device: `device` itself where that is a CPU, or where no stage of the
/// plan runs on a host.
CaseResult run_plan(const Plan& plan, OpenDevice& device, OpenDevice& host, const Peaks& peaks,
                    const RunOptions& options);

}  // namespace assay
