// SPDX-License-Identifier: Apache-2.0
#include "measure/case_warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace assay {
namespace {

void add_covered(StageResult& stage) {
  stage.covered.reset();
  if (!stage.time_s || !stage.time_s->known() || stage.ops.empty()) return;
  double sum = 0;
  for (const OpResult& op : stage.ops) {
    if (!op.time_s || !op.time_s->known()) return;
    sum += op.time_s->value * static_cast<double>(op.calls);
  }
  stage.covered = sum / stage.time_s->value;
}

void check_machine(const TelemetryResult& seen, std::vector<std::string>& warnings) {
  if (seen.others_share.value_or(0) > kOthersShare)
    warnings.push_back(
        fmt::format("others took {} of the CPUs' time while it was timed ({} is allowed): stop other "
                    "programs, or take a machine "
                    "of your own, and run again",
                    percent_text(seen.others_share), percent_text(kOthersShare)));
  if (seen.cgroup_throttled_share.value_or(0) > kOthersShare)
    warnings.push_back(
        fmt::format("the control group's quota withheld the CPUs for {} of the time: raise the quota, or set "
                    "OMP_NUM_THREADS to the cores that it grants",
                    percent_text(seen.cgroup_throttled_share)));
}

void check_device(const TelemetryResult& seen, std::int64_t slow_blocks, std::int64_t blocks,
                  std::vector<std::string>& warnings) {
  if (slow_blocks > 0)
    warnings.push_back(fmt::format(
        "the device's clock stayed below 95 % of the session's in {} of {} blocks, after {} were taken "
        "again: cool the device, raise its power limit, or lock its clocks",
        slow_blocks, blocks, seen.throttled_blocks.value_or(0)));
  if (seen.unquiet_blocks.value_or(0) > 0)
    warnings.push_back(fmt::format(
        "others on the machine slowed it beside {} of {} blocks, after {} were taken again: wait longer "
        "(/measure/quiet_wait_seconds), or run when they rest",
        *seen.unquiet_blocks, blocks, seen.disturbed_blocks.value_or(0)));
  if (static_cast<double>(seen.late_blocks) > kLateShare * static_cast<double>(blocks))
    warnings.push_back(fmt::format(
        "in {} of {} blocks the device began before all work was enqueued, so that their times hold some "
        "of the host's: keep the host's cores free, and run again",
        seen.late_blocks, blocks));
}

void check_covered(const StageResult& stage, std::vector<std::string>& warnings) {
  if (!stage.covered || (*stage.covered >= kCoveredLeast && *stage.covered <= kCoveredMost)) return;
  warnings.push_back(
      fmt::format("the operations of {} add up to {} of its time: one of the two was disturbed, or its "
                  "operations wait for "
                  "something that they do not wait for alone; run again on a quiet machine",
                  stage.name, percent_text(stage.covered)));
}

}  // namespace

void add_case_warnings(CaseResult& one, std::int64_t slow_blocks) {
  one.warnings.clear();
  std::int64_t blocks = 0;
  for (StageResult& stage : one.stages) {
    add_covered(stage);
    if (stage.time_s) blocks = std::max(blocks, stage.time_s->blocks);
  }
  if (one.telemetry) {
    check_machine(*one.telemetry, one.warnings);
    check_device(*one.telemetry, slow_blocks, blocks, one.warnings);
  }
  if (one.in_flight == 1)  // else a stage has its neighbours, and its operations alone have none
    for (const StageResult& stage : one.stages) check_covered(stage, one.warnings);
  for (const auto& [name, peak] : one.peaks)
    if (!peak.why.empty())
      one.warnings.push_back(
          fmt::format("the peak of {} {} while it was timed, so that shares of it are withheld: run "
                      "again on a machine whose neighbours are quiet",
                      peak_label(name), peak.why));
}

}  // namespace assay
