// SPDX-License-Identifier: Apache-2.0
#include "measure/time_estimate.h"

#include <algorithm>
#include <cmath>

#include "measure/blocks_of_passes.h"
#include "measure/correctness.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

// What the parts of a run were seen to take, roughly, on two cores; a faster machine is sooner done.
constexpr double kOpSeconds = 0.07,
                 kReferenceSeconds = 0.5;    // an op: its candidates; a reference of full size
constexpr double kFillBytesPerSecond = 1e9;  // weights and inputs, from the seed
constexpr double kOfPeak = 0.5;              // that a stage reaches
constexpr double kCold = 1.5;         // of an op alone, cold, with its flush, to the same op in its stage
constexpr double kWarmUpShare = 0.1;  // of max_seconds
constexpr double kFlops = 1e10, kBytes = 1e10;  // a second, where no peak is known

double call_seconds(const Op& op, const Peaks& peaks) {
  const Cost cost = op.cost();
  double seconds = cost.flops / peaks.of(op.dtype()).measured.value_or(kFlops);
  for (const auto& [path, bytes] : cost.moved())
    seconds = std::max(seconds, bytes / peaks.of(path).measured.value_or(kBytes));
  return seconds / kOfPeak + peaks.launch_s.value_or(0);
}

double verify_seconds(const Plan& plan) {
  double seconds = 0;
  for (const auto& op : distinct_ops(plan)) {
    const Cost cost = op->cost();
    seconds += kOpSeconds +
               kReferenceSeconds * std::min(1.0, (cost.flops + cost.all_paths().both()) / kReferenceBudget);
  }
  return seconds;
}

double iteration_seconds(const Stage& stage, const Peaks& peaks) {
  double seconds = 0;
  for (const Step& step : stage.steps) seconds += call_seconds(*step.op, peaks);
  return seconds;
}

double fill_seconds(const Plan& plan) {
  double bytes = 0;
  for (const PlanTensor& tensor : plan.tensors())
    if (tensor.role != Role::activation) bytes += static_cast<double>(tensor.spec.bytes());
  return bytes / kFillBytesPerSecond;
}

}  // namespace

TimeEstimate estimate_time(const Plan& plan, const Peaks& peaks, const StopRule& rule, bool time) {
  const double verify_s = verify_seconds(plan);
  double pass_s = 0, ops_least_s = 0, ops_most_s = 0;
  for (std::size_t s = 0; s < plan.stages().size(); ++s) {
    if (plan.times(s) == 0) continue;
    const double iteration_s = iteration_seconds(*plan.stages()[s], peaks);
    pass_s += iteration_s * static_cast<double>(plan.times(s));
    const double rounds_s = static_cast<double>(kMinBlocks + 1) * kCold * iteration_s;
    ops_least_s += rounds_s;
    ops_most_s += std::max(rounds_s, rule.max_seconds / 2 * (1 + kWarmUpShare));
  }
  const double once_s = verify_s + fill_seconds(plan) + 2 * pass_s;  // for its outputs, and step by step
  if (!time) return {once_s, once_s};
  // With several in flight a block is a stretch of passes on all lanes, each of which has a part of the
  // device.
  if (plan.in_flight > 1)
    pass_s *= static_cast<double>(plan.in_flight) * static_cast<double>(BlocksOfPasses::kWindows + 2);
  const auto sessions = static_cast<double>(rule.sessions);
  const double anew_s = (sessions - 1) * (fill_seconds(plan) + pass_s);
  const double blocks_s = std::max(static_cast<double>(kMinBlocks), sessions) * pass_s + sessions * pass_s;
  const double sampling_s =
      std::max(blocks_s, rule.max_seconds * (1 + kWarmUpShare) + rule.quiet_wait_seconds);
  return {once_s + anew_s + blocks_s + ops_least_s, once_s + anew_s + sampling_s + ops_most_s};
}

StopRule fit_rule(const StopRule& rule, const TimeEstimate& estimate, double seconds) {
  StopRule fitted = rule;
  const double room = estimate.most_s - estimate.least_s;
  if (room <= 0 || seconds >= estimate.most_s) return fitted;
  const double share = std::clamp((seconds - estimate.least_s) / room, 0.0, 1.0);
  constexpr double kLeast = 1e-3;  // what the config allows
  fitted.max_seconds = std::max(kLeast, share * rule.max_seconds);
  fitted.min_seconds = std::min(fitted.min_seconds, fitted.max_seconds);
  return fitted;
}

std::vector<double> share_budget(std::span<const TimeEstimate> cases, double budget_s) {
  double least_s = 0, room_s = 0;
  for (const TimeEstimate& one : cases) {
    least_s += one.least_s;
    room_s += one.most_s - one.least_s;
  }
  std::size_t kept = cases.size();
  while (kept > 0 && least_s > budget_s) {
    --kept;
    least_s -= cases[kept].least_s;
    room_s -= cases[kept].most_s - cases[kept].least_s;
  }
  const double part = room_s > 0 ? std::min(1.0, (budget_s - least_s) / room_s) : 0;
  std::vector<double> seconds(cases.size(), 0.0);
  for (std::size_t i = 0; i < kept; ++i)
    seconds[i] = cases[i].least_s + part * (cases[i].most_s - cases[i].least_s);
  return seconds;
}

}  // namespace assay
