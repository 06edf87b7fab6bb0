// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

bool ran(const CaseSummary& c) {
  return c.status == CaseStatus::ok || c.status == CaseStatus::not_a_measurement;
}

/// The first of each id that is a measurement; where none is, the first that ran, for its outputs' sake.
std::map<std::string, std::size_t> baselines(const Summary& summary) {
  std::map<std::string, std::size_t> of;
  for (std::size_t i = 0; i < summary.cases.size(); ++i) {
    const CaseSummary& c = summary.cases[i];
    if (!ran(c)) continue;
    const auto [at, is_new] = of.try_emplace(c.id, i);
    if (!is_new && c.status == CaseStatus::ok && summary.cases[at->second].status != CaseStatus::ok)
      at->second = i;
  }
  return of;
}

}  // namespace

void add_comparisons(Summary& summary, std::span<const Result> results) {
  const auto result_of = [&](const CaseSummary& c) -> const CaseResult& {
    return results[c.result].cases[c.index];
  };
  const auto first = baselines(summary);
  ShiftTest test;
  for (std::size_t i = 0; i < summary.cases.size(); ++i) {
    const CaseSummary& c = summary.cases[i];
    if (!ran(c) || first.at(c.id) == i) continue;
    const CaseSummary& base = summary.cases[first.at(c.id)];
    if (c.device == base.device) continue;
    CaseComparison pair{.id = c.id, .short_id = c.short_id, .baseline = base.device, .device = c.device};
    pair.case_index = i;
    pair.of = compare_unsettled(result_of(base), result_of(c), test);
    if (!pair.of.different.empty()) {
      summary.notes.push_back(c.id + " is not compared between " + summary.devices[base.device].label +
                              " and " + summary.devices[c.device].label + ": " + pair.of.different);
      continue;
    }
    summary.disagreements +=
        std::ranges::count(pair.of.outputs, Agreement::disagree, &OutputComparison::verdict);
    summary.comparisons.push_back(std::move(pair));
  }
  std::vector<Comparison*> all;
  for (CaseComparison& pair : summary.comparisons) all.push_back(&pair.of);
  settle(all);
}

}  // namespace assay
