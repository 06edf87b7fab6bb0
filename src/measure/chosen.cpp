// SPDX-License-Identifier: Apache-2.0
#include "measure/chosen.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "plan/step_groups.h"

namespace assay {

std::string placed_key(const std::string& op_key, Place place) {
  return place == Place::host ? "host: " + op_key : op_key;
}

std::string placed_key(const Op& op, Place place) {
  return placed_key(op_key(op), place);
}

std::unique_ptr<Kernel> make_chosen(const Chosen& chosen, const Op& op, Lane& lane) {
  std::unique_ptr<Kernel> kernel = chosen.entry->make(op, lane);
  const std::vector<std::string> names = kernel->variants();
  const auto found = std::ranges::find(names, chosen.variant);
  if (names.empty() ? !chosen.variant.empty() : found == names.end())
    throw std::logic_error(
        fmt::format("{}, kernel {}: variant \"{}\" is gone", op_key(op), chosen.entry->name, chosen.variant));
  if (!names.empty()) kernel->use(static_cast<std::size_t>(found - names.begin()));
  return kernel;
}

std::string packing_objection(const Kernel& kernel, const Op& op, std::span<const std::size_t> weights) {
  for (const std::size_t input : kernel.packs())
    if (std::ranges::find(weights, input) == weights.end())
      return fmt::format("it keeps {} in a form of its own, and that is no weight here",
                         op.inputs().at(input).name);
  return "";
}

namespace {

Chosen first_that_serves(const Plan& plan, const Op& op, const Site& site) {
  std::string refusals;
  for (const KernelEntry& entry : site.kernels) {
    if (entry.op != op.kind()) continue;
    try {
      const std::unique_ptr<Kernel> kernel = entry.make(op, *site.lane);
      const std::string objection = packing_objection(*kernel, op, weight_inputs(plan, op));
      if (!objection.empty()) throw Unsupported(objection);
      const std::vector<std::string> names = kernel->variants();
      return {&entry, names.empty() ? "" : names.front()};
    } catch (const Unsupported& refusal) {
      refusals += fmt::format("; {}: {}", entry.name, refusal.what());
    }
  }
  throw Unsupported("no kernel serves " + op_key(op) + (op.unserved().empty() ? "" : " yet") + refusals);
}

}  // namespace

Choices first_kernels(const Plan& plan, const Sites& sites) {
  Choices choices;
  for (const auto& stage : plan.stages()) {
    const Place place = sites.place(stage->place);
    for (const Step& step : stage->steps) {
      const std::string key = placed_key(*step.op, place);
      if (!choices.contains(key)) choices.emplace(key, first_that_serves(plan, *step.op, sites.at(place)));
    }
  }
  return choices;
}

}  // namespace assay
