// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include "base/roofline.h"
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

/// Nothing where the device has no rate for an op's dtype.
std::optional<double> roofline_seconds(const Stage& stage, const CatalogueDevice& device) {
  double sum = 0;
  for (const Step& step : stage.steps) {
    const Cost cost = step.op->cost();
    const Ceilings at{.flops_per_s = device.flops_per_s(step.op->dtype()),
                      .bytes_per_s = {{Path::memory, device.bytes_per_s()},
                                      {Path::host_link, device.host_link_bytes_per_s()}}};
    const std::optional<double> seconds = least_time(cost.flops, cost.moved(), at).seconds();
    if (!seconds) return std::nullopt;
    sum += *seconds;
  }
  return sum;
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
  found.roofline_seconds.emplace();
  for (const auto& stage : plan.stages()) {
    if (stage->place == Place::host) continue;  // the catalogue is of GPUs
    const std::optional<double> seconds = roofline_seconds(*stage, *device);
    if (!seconds) {
      found.roofline_seconds.reset();
      break;
    }
    found.roofline_seconds->emplace(stage->name, *seconds);
  }
  return found;
}

}  // namespace assay
