// SPDX-License-Identifier: Apache-2.0
#include "plan/step_groups.h"

#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace assay {

std::string op_key(const Op& op) {
  return std::string(op.kind()) + " " + op.shape();
}

std::vector<StepGroup> step_groups(const Stage& stage) {
  std::vector<StepGroup> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> known;  // label and op
  std::map<std::string, int> labels;
  for (std::size_t s = 0; s < stage.steps.size(); ++s) {
    const Step& step = stage.steps[s];
    const auto [at, is_new] = known.try_emplace({step.label, op_key(*step.op)}, groups.size());
    if (is_new) {
      const int number = ++labels[step.label];
      const std::string name = step.label + (number > 1 ? " " + std::to_string(number) : "");
      groups.push_back({step.label, name, step.part, step.op, {}});
    }
    groups[at->second].steps.push_back(s);
  }
  return groups;
}

std::vector<std::shared_ptr<const Op>> distinct_ops(const Plan& plan, std::optional<Place> place) {
  std::vector<std::shared_ptr<const Op>> ops;
  std::set<std::string> seen;
  for (const auto& stage : plan.stages()) {
    if (place && stage->place != *place) continue;
    for (const Step& step : stage->steps)
      if (seen.insert(op_key(*step.op)).second) ops.push_back(step.op);
  }
  return ops;
}

namespace {

template <typename Work>
void for_steps_of(const Plan& plan, const Op& op, const Work& work) {
  const std::string key = op_key(op);
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps)
      if (op_key(*step.op) == key) work(step);
}

}  // namespace

std::vector<std::size_t> weight_inputs(const Plan& plan, const Op& op) {
  std::vector<std::size_t> weights(op.inputs().size());
  std::iota(weights.begin(), weights.end(), std::size_t{0});
  for_steps_of(plan, op, [&](const Step& step) {
    std::erase_if(weights, [&](std::size_t i) { return plan.tensor(step.in[i]).role != Role::weight; });
  });
  return weights;
}

std::int64_t input_sets(const Plan& plan, const Op& op, std::span<const std::size_t> inputs) {
  std::set<std::vector<std::size_t>> sets;
  for_steps_of(plan, op, [&](const Step& step) {
    std::vector<std::size_t> ids;
    for (const std::size_t i : inputs) ids.push_back(step.in[i].id);
    sets.insert(ids);
  });
  return static_cast<std::int64_t>(sets.size());
}

}  // namespace assay
