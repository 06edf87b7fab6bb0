// SPDX-License-Identifier: Apache-2.0
// What holds without measuring: the facts that a workload states of its model, and the memory that cases
// take. Knows no fact by name.
#include <algorithm>

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

std::vector<Stated> facts_of(const ReportInput& input, const std::string& model, std::size_t& cases) {
  std::vector<Stated> all;
  cases = 0;
  for (const CaseSummary& c : input.summary.cases) {
    if (c.model != model) continue;
    ++cases;
    for (const Fact& fact : input.results[c.result].cases[c.index].facts) {
      auto at = std::ranges::find_if(all, [&](const Stated& s) {
        return s.fact->name == fact.name && s.fact->value == fact.value && s.fact->unit == fact.unit;
      });
      if (at == all.end()) at = all.insert(at, {&fact, {}});
      at->cases.push_back(c.short_id);
    }
  }
  return all;
}

void add_facts(Blocks& out, const ReportInput& input) {
  std::vector<std::string> models;
  for (const CaseSummary& c : input.summary.cases)
    if (std::ranges::find(models, c.model) == models.end()) models.push_back(c.model);
  Table table{.caption = "Facts of each model, counted from its shapes",
              .columns = {{"Model", false}, {"Fact", false}, {"Value", true}, {"What it is", false}},
              .rows = {}};
  for (const std::string& model : models) {
    std::size_t cases = 0;
    for (const Stated& stated : facts_of(input, model, cases)) {
      Text value(fact_text(*stated.fact));
      if (stated.cases.size() < cases) value.add(join(stated.cases, ", "), Span::Style::detail);
      table.rows.push_back(
          {Text().strong(model), capitalised(spaced(stated.fact->name)), value, stated.fact->definition});
    }
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_memory(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  Table table{.caption = "Memory: as planned, and as the system counted it once the session stood",
              .columns = {{"Case", false},
                          {"Weights", true},
                          {"Inputs", true},
                          {"State", true},
                          {"Activations", true},
                          {"Workspaces", true},
                          {"Planned peak", true},
                          {"Measured peak", true}},
              .rows = {}};
  for (const CaseSummary& c : s.cases) {
    const auto& memory = input.results[c.result].cases[c.index].memory;
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

void add_model_section(Blocks& out, const ReportInput& input) {
  Blocks blocks;
  add_facts(blocks, input);
  add_memory(blocks, input);
  if (blocks.empty()) return;
  out.push_back(Heading{2, "Models and memory"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
