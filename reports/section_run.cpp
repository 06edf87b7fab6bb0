// SPDX-License-Identifier: Apache-2.0
// What was run: the first table of a model. Knows no field of a load by name.
#include <algorithm>
#include <map>

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

std::vector<std::string> settings_of(const View& view) {
  std::vector<std::string> names;
  for (const CaseSummary& c : view.cases)
    for (const auto& [name, value] : c.settings.items())
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
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

bool same_work(const CaseSummary& a, const CaseSummary& b, const View& view) {
  const CaseResult &x = view.result_of(a), &y = view.result_of(b);
  return a.settings == b.settings && x.run == y.run && x.seed == y.seed && x.weights == y.weights &&
         a.status == b.status;
}

std::vector<Asked> asked_of(const View& view, const std::vector<std::string>& settings) {
  std::vector<Asked> all;
  std::map<std::string_view, std::vector<std::size_t>> by_id;
  for (const CaseSummary& c : view.cases) {
    std::vector<std::size_t>& like = by_id[c.id];
    const auto same =
        std::ranges::find_if(like, [&](std::size_t i) { return same_work(*all[i].first, c, view); });
    if (same != like.end()) {
      std::vector<std::size_t>& devices = all[*same].devices;
      if (std::ranges::find(devices, c.device) == devices.end()) devices.push_back(c.device);
      continue;
    }
    const CaseResult& one = view.result_of(c);
    Asked asked{.cells = {model_text(c, one),
                          c.parameters ? Cell(count_text(*c.parameters)) : Cell(std::string(kUnknown))},
                .first = &c,
                .devices = {c.device}};
    for (const std::string& name : settings)
      asked.cells.emplace_back(c.settings.contains(name) ? setting_text(c.settings[name])
                                                         : std::string(kUnknown));
    asked.cells.emplace_back(weights_text(one));
    like.push_back(all.size());
    all.push_back(std::move(asked));
  }
  return all;
}

}  // namespace

void add_run_table(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  const std::vector<std::string> settings = settings_of(view);
  Table table{.caption = "What was run", .columns = {{"Model", false}, {"Parameters", true}}, .rows = {}};
  for (const std::string& name : settings) table.columns.push_back({setting_label(name), true});
  table.columns.insert(table.columns.end(), {{"Weights", false}, {"Device", false}});
  for (Asked& asked : asked_of(view, settings)) {
    Text devices(s.devices[asked.devices.front()].label);
    for (std::size_t i = 1; i < asked.devices.size(); ++i)
      devices.add(s.devices[asked.devices[i]].label, Span::Style::detail);
    asked.cells.emplace_back(devices);
    table.rows.push_back(std::move(asked.cells));
  }
  out.push_back(std::move(table));
}

}  // namespace assay
