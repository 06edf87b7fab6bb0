// SPDX-License-Identifier: Apache-2.0
// What holds without measuring: the facts that a workload states of its model, and the memory that cases
// take. Knows no fact by name.
#include <map>

#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// A fact of a model, with the cases that state it at this value.
struct Stated {
  const Fact* fact;
  std::vector<std::string> cases;
};

std::vector<Stated> facts_of(const View& view) {
  std::vector<Stated> all;
  std::map<std::string, std::size_t> known;
  for (const CaseSummary& c : view.cases)
    for (const Fact& fact : view.result_of(c).facts) {
      const auto [at, is_new] =
          known.try_emplace(fact.name + "\n" + fact.value.dump() + "\n" + fact.unit, all.size());
      if (is_new) all.push_back({&fact, {}});
      all[at->second].cases.push_back(c.short_id);
    }
  return all;
}

void add_facts(Blocks& out, const View& view) {
  Table table{.caption = "Facts of the model, counted from its shapes",
              .columns = {{"Fact", false}, {"Value", true}, {"What it is", false}},
              .rows = {}};
  for (const Stated& stated : facts_of(view)) {
    Text value(fact_text(*stated.fact));
    if (stated.cases.size() < view.cases.size()) value.add(join(stated.cases, ", "), Span::Style::detail);
    table.rows.push_back({capitalised(spaced(stated.fact->name)), value, stated.fact->definition});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_memory(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  Table table{.caption = "Memory: as planned, and as the system counted it once the session stood",
              .columns = {{"Case", false},
                          {"Weights", true, "B"},
                          {"Inputs", true, "B"},
                          {"State", true, "B"},
                          {"Activations", true, "B"},
                          {"Workspaces", true, "B"},
                          {"Planned peak", true, "B"},
                          {"Measured peak", true, "B"}},
              .rows = {}};
  for (const CaseSummary& c : view.cases) {
    const auto& memory = view.result_of(c).memory;
    if (!memory) continue;
    const auto bytes = [](std::int64_t value) { return bytes_text(static_cast<double>(value)); };
    add_row(table, s, c.device,
            {Text().code(c.short_id), bytes(memory->weight_bytes), bytes(memory->input_bytes),
             bytes(memory->state_bytes), bytes(memory->activation_bytes), bytes_text(memory->workspace_bytes),
             bytes(memory->planned_peak_bytes), bytes_text(memory->measured_peak_bytes)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

}  // namespace

void add_model_section(Blocks& out, const View& view) {
  Blocks blocks;
  add_facts(blocks, view);
  add_memory(blocks, view);
  if (blocks.empty()) return;
  out.push_back(Heading{view.level, "Model and memory"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
