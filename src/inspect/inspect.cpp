// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include <algorithm>

#include "plan/memory.h"

namespace assay {
namespace {

StageInspection inspect_stage(const Stage& stage) {
  const Cost cost = stage.cost();
  StageInspection found{stage.name, stage.iterations, cost.flops, cost.bytes_read, cost.bytes_written, {}};
  for (const Step& step : stage.steps) {
    const std::string shape = step.op->shape();
    const auto known = std::find_if(found.ops.begin(), found.ops.end(), [&](const OpInspection& op) {
      return op.name == step.label && op.kind == step.op->kind() && op.shape == shape;
    });
    if (known != found.ops.end()) {
      ++known->calls;
      continue;
    }
    const Cost each = step.op->cost();
    found.ops.push_back({step.label, std::string(step.op->kind()), shape, 1, each.flops, each.bytes()});
  }
  return found;
}

/// Nothing where the device has no rate for an op's dtype.
std::optional<double> roofline_seconds(const Stage& stage, const CatalogueDevice& device) {
  const std::optional<double> bandwidth = device.bytes_per_s();
  if (!bandwidth) return std::nullopt;
  double seconds = 0;
  for (const Step& step : stage.steps) {
    const Cost cost = step.op->cost();
    const std::optional<double> rate = device.flops_per_s(step.op->dtype());
    if (!rate) return std::nullopt;
    seconds += std::max(cost.flops / *rate, cost.bytes() / *bandwidth);
  }
  return seconds;
}

}  // namespace

Inspection inspect_plan(const Plan& plan, const CatalogueDevice* device) {
  Inspection found;
  found.workload = plan.workload;
  found.name = plan.name;
  found.architecture = plan.facts.architecture;
  found.parameters = {plan.facts.parameters, plan.facts.active_parameters};
  found.weight_bytes = plan.weight_bytes();
  found.kv_bytes_per_token = plan.facts.kv_bytes_per_token;
  found.peak_memory_bytes = plan_memory(plan).peak_bytes();
  for (const auto& stage : plan.stages()) found.stages.push_back(inspect_stage(*stage));
  found.notes = plan.notes;
  if (device == nullptr) return found;

  found.device = device->name;
  found.fits = found.peak_memory_bytes <= device->memory_bytes();
  found.roofline_seconds.emplace();
  for (const auto& stage : plan.stages()) {
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
