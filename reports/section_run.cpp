// SPDX-License-Identifier: Apache-2.0
// What was run: the first table of a report. Knows no field of a load by name.
#include <algorithm>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// A case, with the devices that it ran on.
struct Asked {
  std::vector<Cell> cells;  // without its devices
  const CaseSummary* first;
  std::vector<std::size_t> devices;
};

std::vector<std::string> settings_of(const Summary& s, const std::string& workload) {
  std::vector<std::string> names;
  for (const CaseSummary& c : s.cases)
    for (const auto& [name, value] : c.settings.items())
      if (c.workload == workload && std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

/// "seed 1", or the checkpoint's name with the seed of what it does not hold.
Text weights_text(const CaseResult& one) {
  const std::string seed = "seed " + std::to_string(one.seed);
  if (one.weights.empty() || one.weights == "seed") return seed;
  return Text(one.weights).add("inputs of " + seed, Span::Style::detail);
}

Text model_text(const CaseSummary& c, const CaseResult& one) {
  Text text = Text().strong(c.model.empty() ? c.workload : c.model);
  text.add(one.run, Span::Style::detail);
  if (c.status != CaseStatus::ok) text.add(spaced(name_of(c.status)), Span::Style::detail);
  return text;
}

bool same_work(const CaseSummary& a, const CaseSummary& b, const ReportInput& input) {
  const CaseResult &x = input.results[a.result].cases[a.index], &y = input.results[b.result].cases[b.index];
  return a.id == b.id && a.settings == b.settings && x.run == y.run && x.seed == y.seed &&
         x.weights == y.weights && a.status == b.status;
}

std::vector<Asked> asked_of(const ReportInput& input, const std::string& workload,
                            const std::vector<std::string>& settings) {
  std::vector<Asked> all;
  for (const CaseSummary& c : input.summary.cases) {
    if (c.workload != workload) continue;
    const auto same =
        std::ranges::find_if(all, [&](const Asked& a) { return same_work(*a.first, c, input); });
    if (same != all.end()) {
      if (std::ranges::find(same->devices, c.device) == same->devices.end())
        same->devices.push_back(c.device);
      continue;
    }
    const CaseResult& one = input.results[c.result].cases[c.index];
    Asked asked{.cells = {model_text(c, one),
                          c.parameters ? Cell(count_text(*c.parameters)) : Cell(std::string(kUnknown))},
                .first = &c,
                .devices = {c.device}};
    for (const std::string& name : settings)
      asked.cells.emplace_back(c.settings.contains(name) ? setting_text(c.settings[name])
                                                         : std::string(kUnknown));
    asked.cells.emplace_back(weights_text(one));
    all.push_back(std::move(asked));
  }
  return all;
}

}  // namespace

void add_run_table(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  for (const std::string& workload : workloads_of(s)) {
    const std::vector<std::string> settings = settings_of(s, workload);
    Table table{.caption = "What was run: " + workload,
                .columns = {{"Model", false}, {"Parameters", true}},
                .rows = {}};
    for (const std::string& name : settings) table.columns.push_back({setting_label(name), true});
    table.columns.insert(table.columns.end(), {{"Weights", false}, {"Device", false}});
    for (Asked& asked : asked_of(input, workload, settings)) {
      Text devices(s.devices[asked.devices.front()].label);
      for (std::size_t i = 1; i < asked.devices.size(); ++i)
        devices.add(s.devices[asked.devices[i]].label, Span::Style::detail);
      asked.cells.emplace_back(devices);
      table.rows.push_back(std::move(asked.cells));
    }
    out.push_back(std::move(table));
  }
}

}  // namespace assay
