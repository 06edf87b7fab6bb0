// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include <algorithm>
#include <map>

#include "base/roofline.h"
#include "plan/compulsory_work.h"
#include "plan/memory.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

StageInspection inspect_stage(const Stage& stage, std::int64_t times) {
  const Cost cost = stage.cost();
  StageInspection found{.name = stage.name,
                        .place = stage.place,
                        .iterations = times,
                        .flops = cost.flops,
                        .bytes_read = cost.memory().read,
                        .bytes_written = cost.memory().written,
                        .bytes = cost.moved(),
                        .ops = {}};
  for (const StepGroup& group : step_groups(stage)) {
    const Cost each = group.op->cost();
    found.ops.push_back({group.label, std::string(group.op->kind()), group.op->shape(),
                         static_cast<std::int64_t>(group.steps.size()), each.flops, each.moved()});
  }
  return found;
}

Ceilings ceilings_of(const CatalogueDevice& device, DType dtype) {
  return {.flops_per_s = device.flops_per_s(dtype),
          .bytes_per_s = {{Path::memory, device.bytes_per_s()},
                          {Path::host_link, device.host_link_bytes_per_s()}}};
}

/// Nothing where the device has no rate for an op's dtype, or for a path.
std::optional<double> bound_seconds(const Plan& plan, const Stage& stage, const CatalogueDevice& device) {
  const CompulsoryWork work = compulsory_work(plan, stage);
  std::optional<double> longest_s = least_time(0, work.bytes, ceilings_of(device, DType::f32)).seconds();
  for (const auto& [dtype, flops] : work.flops) {  // formats may have units of their own, which work at once
    const auto rate = device.flops_per_s(dtype);
    if (!rate || !longest_s) return std::nullopt;
    longest_s = std::max(*longest_s, flops / *rate);
  }
  return longest_s;
}

/// Nothing where the device has no rate for an op's dtype.
std::optional<double> roofline_seconds(const Stage& stage, const CatalogueDevice& device) {
  double sum = 0;
  for (const Step& step : stage.steps) {
    const Cost cost = step.op->cost();
    const std::optional<double> seconds =
        least_time(cost.flops, cost.moved(), ceilings_of(device, step.op->dtype())).seconds();
    if (!seconds) return std::nullopt;
    sum += *seconds;
  }
  return sum;
}

/// Of the device's stages; nothing where it is not known of one.
template <typename Seconds>
std::optional<std::map<std::string, double>> by_stage(const Plan& plan, const Seconds& seconds_of) {
  std::map<std::string, double> all;
  for (const auto& stage : plan.stages()) {
    if (stage->place == Place::host) continue;  // the catalogue is of GPUs
    const std::optional<double> seconds = seconds_of(*stage);
    if (!seconds) return std::nullopt;
    all.emplace(stage->name, *seconds);
  }
  return all;
}

}  // namespace

Inspection inspect_plan(const Plan& plan, const CatalogueDevice* device) {
  Inspection found;
  found.workload = plan.workload;
  found.name = plan.name;
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    const Fact* fact = plan.find_fact(name);
    return fact != nullptr ? std::optional(fact->value.get<std::int64_t>()) : std::nullopt;
  };
  if (const Fact* architecture = plan.find_fact("architecture"))
    found.architecture = architecture->value.get<std::string>();
  found.parameters = {number("parameters").value_or(0), number("active_parameters").value_or(0)};
  found.weight_bytes = plan.weight_bytes();
  found.kv_bytes_per_token = number("kv_bytes_per_token");
  found.peak_memory_bytes = plan_memory(plan).peak_bytes();
  for (std::size_t s = 0; s < plan.stages().size(); ++s)
    found.stages.push_back(inspect_stage(*plan.stages()[s], plan.times(s)));
  found.notes = plan.notes;
  if (device == nullptr) return found;

  found.device = device->name;
  found.fits = found.peak_memory_bytes <= device->memory_bytes();
  found.bound_seconds =
      by_stage(plan, [&](const Stage& stage) { return bound_seconds(plan, stage, *device); });
  found.roofline_seconds =
      by_stage(plan, [&](const Stage& stage) { return roofline_seconds(stage, *device); });
  return found;
}

}  // namespace assay
