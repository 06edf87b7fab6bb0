// SPDX-License-Identifier: Apache-2.0
#include "inspect/at_best.h"

#include <algorithm>

#include "plan/step_groups.h"

namespace assay {
namespace {

using Seconds = std::optional<double>;

/// Weights of 8 bits need no units of 8 bits: where a device has none, they are brought to 16 and multiplied
/// there. An int8 rate that is not known is taken as that of fp8, which is no lower on any board there is.
std::optional<double> flops_per_s(const CatalogueDevice& device, DType dtype) {
  if (const auto rate = device.flops_per_s(dtype)) return rate;
  if (dtype == DType::i8 && device.flops_per_s(DType::f8e4m3)) return device.flops_per_s(DType::f8e4m3);
  if (dtype == DType::i8 || dtype == DType::f8e4m3) return device.flops_per_s(DType::bf16);
  return std::nullopt;
}

Ceilings ceilings_of(const CatalogueDevice& device, DType dtype) {
  return {.flops_per_s = flops_per_s(device, dtype),
          .bytes_per_s = {{Path::memory, device.bytes_per_s()},
                          {Path::host_link, device.host_link_bytes_per_s()}}};
}

/// Of what a series is made of; nothing where the host has a part in it, or where it is not known.
Seconds series_seconds(const Plan& plan, const std::string& series, const std::vector<StageAtBest>& stages,
                       Seconds StageAtBest::*figure) {
  if (series != kPassSeries) {
    for (std::size_t s = 0; s < stages.size(); ++s)
      if (series == stage_series(plan.stages()[s]->name)) return stages[s].*figure;
    return std::nullopt;
  }
  double sum = 0;
  for (const Turn& turn : plan.pass) {
    const Seconds one = stages[turn.stage].*figure;
    if (!one) return std::nullopt;
    sum += static_cast<double>(turn.times) * *one;
  }
  return sum;
}

/// Whether the device alone makes a series.
bool is_of_device(const Plan& plan, const std::string& series) {
  if (series == kPassSeries)
    return std::ranges::none_of(
        plan.pass, [&](const Turn& turn) { return plan.stages()[turn.stage]->place == Place::host; });
  return std::ranges::any_of(plan.stages(), [&](const auto& stage) {
    return stage->place == Place::device && series == stage_series(stage->name);
  });
}

}  // namespace

std::vector<StageWork> work_of(const Plan& plan) {
  std::vector<StageWork> all;
  for (const auto& stage : plan.stages()) {
    StageWork work{
        .name = stage->name, .place = stage->place, .compulsory = compulsory_work(plan, *stage), .ops = {}};
    for (const StepGroup& group : step_groups(*stage)) {
      const Cost cost = group.op->cost();
      work.ops.push_back({.dtype = group.op->dtype(),
                          .flops = cost.flops,
                          .calls = static_cast<double>(group.steps.size()),
                          .bytes = cost.moved()});
    }
    all.push_back(std::move(work));
  }
  return all;
}

StageAtBest at_best(const StageWork& work, const CatalogueDevice& device) {
  if (work.place == Place::host) return {};  // the catalogue is of GPUs
  StageAtBest best;
  const LeastTime bytes = least_time(0, work.compulsory.bytes, ceilings_of(device, DType::f32));
  best.bound_s = bytes.seconds();
  best.binds = bytes.bound();
  // Formats may have units of their own, which work at once.
  for (const auto& [dtype, flops] : work.compulsory.flops) {
    const Seconds seconds = least_time(flops, {}, ceilings_of(device, dtype)).seconds();
    if (!seconds || !best.bound_s) {
      best.bound_s.reset();
      best.binds.reset();
      break;
    }
    if (*seconds <= *best.bound_s) continue;
    best.bound_s = seconds;
    best.binds = Bound::compute;
  }
  double sum = 0;
  for (const StageWork::Ops& ops : work.ops) {
    const Seconds seconds = least_time(ops.flops, ops.bytes, ceilings_of(device, ops.dtype)).seconds();
    if (!seconds) return best;
    sum += ops.calls * *seconds;
  }
  best.op_by_op_s = sum;
  return best;
}

std::vector<MetricAtBest> metrics_at_best(const Plan& plan, const std::vector<StageAtBest>& stages) {
  std::vector<MetricAtBest> all;
  for (const MetricSpec& metric : plan.metrics) {
    if (metric.share || metric.stat != Stat::median || !is_of_device(plan, metric.of)) continue;
    const auto figure = [&](Seconds StageAtBest::*which) -> Seconds {
      const Seconds seconds = series_seconds(plan, metric.of, stages, which);
      if (metric.amount == 0 || !seconds) return seconds;
      return *seconds > 0 ? Seconds(metric.amount / *seconds) : std::nullopt;
    };
    all.push_back({.name = metric.name,
                   .unit = metric.unit,
                   .of = metric.of,
                   .bound = figure(&StageAtBest::bound_s),
                   .op_by_op = figure(&StageAtBest::op_by_op_s)});
  }
  return all;
}

}  // namespace assay
