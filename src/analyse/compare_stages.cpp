// SPDX-License-Identifier: Apache-2.0
// What the figures of two results are made of: kernels, bounds, rooflines.
#include <algorithm>
#include <map>
#include <tuple>

#include "analyse/compare_parts.h"
#include "analyse/summary_parts.h"

namespace assay {
namespace {

constexpr std::size_t kRooflines = 3;  // of a pair of results; more is no picture of the whole

using Choice = std::tuple<std::string, std::string, Place>;  // op, shape, place

std::map<Choice, std::string> choices_of(const CaseResult& one) {
  std::map<Choice, std::string> choices;
  for (const ChoiceResult& c : one.choices)
    choices[{c.op, c.shape, c.place}] = c.kernel + (c.variant.empty() ? "" : ", " + c.variant);
  return choices;
}

StagePair pair_of(const StageResult& base, const StageResult& other) {
  const auto time = [](const StageResult& stage) {
    return stage.time_s && stage.time_s->known() ? std::optional(stage.time_s->value) : std::nullopt;
  };
  const auto bound = [](const StageResult& stage) {
    const StageSummary summary = summary_of(stage, {});
    return summary.bounds.empty() ? std::nullopt : summary.bounds.front().bound;
  };
  return {.stage = base.name,
          .base_s = time(base),
          .other_s = time(other),
          .base_bound = bound(base),
          .other_bound = bound(other),
          .base_of_bound = base.of_bound.measured,
          .other_of_bound = other.of_bound.measured,
          .base_of_peak = base.of_peak.measured,
          .other_of_peak = other.of_peak.measured};
}

bool has_points(const CaseResult& one) {
  for (const StageResult& stage : one.stages)
    for (const OpResult& op : stage.ops)
      if (op.intensity && op.flops_per_s && *op.intensity > 0 && *op.flops_per_s > 0) return true;
  return false;
}

bool is_compared(const ComparedCase& c) {
  return c.of.different.empty() && c.of.not_measured.empty();
}

}  // namespace

void add_kernels(const Sides& sides) {
  std::map<std::tuple<Choice, std::optional<std::string>, std::optional<std::string>>,
           std::vector<std::string>>
      differ;
  for (const ComparedCase& c : sides.out.cases) {
    if (!c.of.different.empty()) continue;
    const auto base = choices_of(sides.base.cases[c.base_index]);
    auto other = choices_of(sides.other.cases[c.other_index]);
    if (base.empty() || other.empty()) continue;  // it was not got to
    for (const auto& [choice, kernel] : base) {
      const auto found = other.find(choice);
      const auto theirs = found == other.end() ? std::nullopt : std::optional(found->second);
      if (theirs == kernel)
        ++sides.out.same_kernels;
      else
        differ[{choice, kernel, theirs}].push_back(c.short_id);
      if (found != other.end()) other.erase(found);
    }
    for (const auto& [choice, kernel] : other) differ[{choice, std::nullopt, kernel}].push_back(c.short_id);
  }
  for (const auto& [what, cases] : differ) {
    const auto& [choice, base, other] = what;
    const auto& [op, shape, place] = choice;
    sides.out.kernels.push_back(
        {.op = op, .shape = shape, .place = place, .base = base, .other = other, .cases = cases});
  }
}

void add_stages(const Sides& sides) {
  for (ComparedCase& c : sides.out.cases) {
    if (!is_compared(c)) continue;
    const auto &base = sides.base.cases[c.base_index].stages,
               &other = sides.other.cases[c.other_index].stages;
    for (std::size_t i = 0; i < base.size(); ++i) c.stages.push_back(pair_of(base[i], other[i]));
  }
}

void add_rooflines(const Sides& sides) {
  for (std::size_t i = 0; i < sides.out.cases.size() && sides.out.rooflines.size() < kRooflines; ++i) {
    const ComparedCase& c = sides.out.cases[i];
    const CaseResult &base = sides.base.cases[c.base_index], &other = sides.other.cases[c.other_index];
    if (!is_compared(c) || !has_points(base) || !has_points(other)) continue;
    sides.out.rooflines.push_back({.index = i,
                                   .base = ceilings_of(base, device_of(sides.base, base)),
                                   .other = ceilings_of(other, device_of(sides.other, other))});
  }
}

}  // namespace assay
