// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include "inspect/notes.h"

#include <algorithm>
#include <iterator>

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

}  // namespace

Inspection inspect_plan(const Plan& plan) {
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
  found.notes = notes_of(plan);
  return found;
}

Inspection inspect_cases(std::span<const Case> cases, CatalogueDevices devices) {
  Inspection found;
  PlanSizes sizes;
  for (const Case& one : cases) {
    const Plan plan = one.make_plan();
    std::vector<Answer> answers = answers_of(one, plan, devices, sizes);
    if (&one == &cases.front()) {
      found = inspect_plan(plan);
      found.case_id = one.id;
      found.cases = static_cast<std::int64_t>(cases.size());
      const Answer& first = answers.front();
      found.device = first.device.value_or("");
      found.fits = first.fits;
      found.bound_seconds = first.bound_seconds;
      found.roofline_seconds = first.roofline_seconds;
    }
    std::ranges::move(answers, std::back_inserter(found.answers));
  }
  return found;
}

}  // namespace assay
