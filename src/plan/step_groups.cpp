// SPDX-License-Identifier: Apache-2.0
#include "plan/step_groups.h"

#include <map>
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

}  // namespace assay
