// SPDX-License-Identifier: Apache-2.0
#include "analyse/roofline.h"

#include <algorithm>
#include <cmath>

#include "analyse/excess.h"
#include "analyse/random_reads.h"

namespace assay {
namespace {

using Known = std::optional<double>;

Known ratio(const Known& a, const Known& b) {
  return a && b && *a > 0 && *b > 0 ? Known(*a / *b) : std::nullopt;
}

Known seconds_of(const std::optional<MetricResult>& time) {
  return time && time->known() && time->value > 0 ? Known(time->value) : std::nullopt;
}

/// What binds: a roof, or launching where that takes longer and the call hardly more than it.
std::optional<Bound> class_of(const LeastTime& least, double time_s, const Known& launch_s) {
  if (launch_s && time_s <= kLaunchFactor * *launch_s && *launch_s > least.seconds().value_or(0))
    return Bound::launch;
  return least.bound();
}

void add_to_op(OpResult& op, const Roof& roof, const Known& launch_s) {
  const Known time = seconds_of(op.time_s);
  const double bytes = memory_bytes(op.bytes);
  op.intensity = ratio(op.flops, bytes);
  op.flops_per_s = ratio(op.flops, time);
  op.bytes_per_s = ratio(bytes, time);
  op.of_peak = {};
  op.bound.reset();
  if (!time) return;
  op.of_peak.datasheet = ratio(roof.sold.seconds(), time);
  if (!roof.moved()) op.of_peak.measured = ratio(roof.measured.seconds(), time);
  LeastTime best_known = roof.measured;
  if (!best_known.compute_s) best_known.compute_s = roof.sold.compute_s;
  for (auto& [path, seconds] : best_known.path_s)
    if (!seconds) seconds = roof.sold.path_s.at(path);
  op.bound = class_of(best_known, *time, launch_s);
}

void add_shares(StageResult& stage) {
  Known total = 0;
  for (const OpResult& op : stage.ops) {
    const Known time = seconds_of(op.time_s);
    total = total && time ? Known(*total + *time * static_cast<double>(op.calls)) : std::nullopt;
  }
  for (OpResult& op : stage.ops) {
    op.share.reset();
    if (total && *total > 0) op.share = op.time_s->value * static_cast<double>(op.calls) / *total;
  }
}

/// Least times of ops, added up; unknown as soon as one is.
class Sum {
 public:
  void add(const Known& one, std::int64_t calls) {
    sum_ = sum_ && one ? Known(*sum_ + *one * static_cast<double>(calls)) : std::nullopt;
  }
  Known get() const { return sum_ && *sum_ > 0 ? sum_ : std::nullopt; }

 private:
  Known sum_ = 0;
};

void add_to_stage(StageResult& stage, const CaseResult& one, const DeviceResult& device, Excess& excess) {
  Sum measured, sold;
  double on_moved = 0;
  for (OpResult& op : stage.ops) {
    const Roof roof(op, one, device);
    add_to_op(op, roof, device.peaks.launch_s);
    add_random_reads(op, one, device);
    excess.check(op, roof, device);
    const Known least = roof.measured.seconds();
    measured.add(least, op.calls);
    sold.add(roof.sold.seconds(), op.calls);
    if (roof.moved()) on_moved += least.value_or(0) * static_cast<double>(op.calls);
  }
  add_shares(stage);
  const Known time = seconds_of(stage.time_s), least = measured.get();
  const bool withheld = least && on_moved > kMayRestOnMoved * *least;
  stage.ceiling_s = withheld ? std::nullopt : least;
  stage.of_peak = {.datasheet = ratio(sold.get(), time), .measured = ratio(stage.ceiling_s, time)};
  const StageBound bound = bound_of(stage, one, device);
  stage.bound_s = bound.measured_s;
  stage.of_bound = {.datasheet = ratio(bound.sold_s, time), .measured = ratio(bound.measured_s, time)};
}

/// A time cannot fall below its stage's bound, nor a rate rise above what that allows.
void add_metric_ceilings(CaseResult& one) {
  for (auto& [name, metric] : one.metrics) {
    metric.ceiling.reset();
    const StageResult* stage = stage_of(metric.of, one);
    if (stage == nullptr || !metric.peak_of.empty()) continue;
    metric.ceiling = metric.amount > 0 ? ratio(metric.amount, stage->bound_s) : stage->bound_s;
  }
}

}  // namespace

void add_roofline(Result& result) {
  static const DeviceResult kUnknownDevice;
  Excess::forget(result.warnings);
  Excess excess, ignored;
  for (CaseResult& one : result.cases) {
    Excess& of_case = one.status == CaseStatus::ok ? excess : ignored;
    const auto found = std::ranges::find(result.devices, one.device, &DeviceResult::id);
    const DeviceResult& device = found == result.devices.end() ? kUnknownDevice : *found;
    for (StageResult& stage : one.stages) {
      // The host that feeds a GPU has no peaks in this result, and the GPU's are not its.
      const bool of_device = stage.place == Place::device || device.kind == "cpu";
      add_to_stage(stage, of_device ? one : CaseResult(), of_device ? device : kUnknownDevice, of_case);
    }
    add_metric_ceilings(one);
    of_case.check_shares(one);
  }
  excess.report(result.warnings);
}

}  // namespace assay
