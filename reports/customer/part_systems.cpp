// SPDX-License-Identifier: Apache-2.0
// What stands side by side: what differs first, what is the same folded away.
#include <algorithm>
#include <map>

#include "base/units.h"
#include "reports/comparison_sections.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

void add_table(Blocks& out, const CustomerInput& input) {
  const Summary& s = input.report.summary;
  Table table{.caption = "The systems that were measured",
              .columns = {{"System", false},
                          {"Device", false},
                          {"Memory", true},
                          {"Machine", false},
                          {"Cases", true},
                          {"Measured on", false},
                          {"By assay", false}},
              .rows = {}};
  for (const System& system : input.evaluation.systems) {
    const DeviceSummary& device = s.devices[system.device];
    const Result& result = input.report.results[s.cases[system.cases.front()].result];
    const auto fact = [&](const char* key) {
      const auto found = result.environment.find(key);
      return found == result.environment.end() ? std::string() : found->second;
    };
    Text machine(fact("cpu").empty() ? std::string(kUnknown) : fact("cpu"));
    machine.add(fact("os"), Span::Style::detail);
    const auto memory = device.memory_bytes > 0 ? std::optional(device.memory_bytes) : std::nullopt;
    table.rows.push_back({Text().strong(system.label), device.name.empty() ? device.id : device.name,
                          bytes_text(memory), machine, count_text(std::ssize(system.cases)),
                          result.started_at.empty() ? std::string(kUnknown) : result.started_at.substr(0, 10),
                          Text(result.tool.version).add(result.tool.git, Span::Style::detail)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_models(Blocks& out, const CustomerInput& input) {
  const Summary& s = input.report.summary;
  Table table{.caption = "The models that they ran",
              .columns = {{"Workload", false},
                          {"Model", false},
                          {"Parameters", true},
                          {"Number formats", false},
                          {"Weights", false}},
              .rows = {}};
  struct Seen {
    std::vector<std::string> dtypes, weights;
    const CaseSummary* first = nullptr;
  };
  std::vector<std::string> order;
  std::map<std::string, Seen> seen;
  const auto add_once = [](std::vector<std::string>& all, const std::string& one) {
    if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(one);
  };
  for (const CaseSummary& c : s.cases) {
    const std::string key = c.workload + "/" + c.model;
    add_once(order, key);
    Seen& model = seen[key];
    if (model.first == nullptr) model.first = &c;
    if (const Json dtype = setting_of(c, "dtype"); dtype.is_string())
      add_once(model.dtypes, dtype.get<std::string>());
    add_once(model.weights, input.report.results[c.result].cases[c.index].weights);
  }
  const auto joined = [](const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
    return text.empty() ? std::string(kUnknown) : text;
  };
  for (const std::string& key : order) {
    const Seen& model = seen[key];
    const bool seeded = std::ranges::find(model.weights, "seed") != model.weights.end();
    table.rows.push_back(
        {model.first->workload, Text().strong(model.first->model),
         model.first->parameters ? count_text(*model.first->parameters) : std::string(kUnknown),
         joined(model.dtypes),
         seeded ? Text("random, from a seed").add("numerics only: answers mean nothing", Span::Style::detail)
                : Text(joined(model.weights))});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

/// What else is not the same; of what is, a count.
void add_differences(Blocks& out, const ResultsComparison& comparison) {
  const bool any =
      std::ranges::any_of(comparison.others, [](const Against& a) { return !a.differences.empty(); });
  if (!any) {
    out.push_back(Paragraph{
        Text("Nothing else was found to differ: " + counted(comparison.others.front().same_keys, "thing") +
             " that describe machine, program and settings are the same.")});
    return;
  }
  Blocks blocks;
  add_differences_section(blocks, {.results = {}, .comparison = comparison, .title = {}});
  out.insert(out.end(), blocks.begin() + 1, blocks.end());  // without its heading
}

}  // namespace

void add_systems_part(Blocks& out, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  if (e.systems.empty()) return;
  out.push_back(Heading{2, "Systems compared"});
  if (!e.brief.across.empty()) {
    std::string across;
    for (const std::string& name : e.brief.across)
      across += (across.empty() ? "" : " and ") + (name == "dtype" ? "number format" : spaced(name));
    out.push_back(Paragraph{Text("The systems differ in their ").strong(across).add(".")});
  }
  if (e.comparison) add_differences(out, *e.comparison);
  add_table(out, input);
  add_models(out, input);
}

}  // namespace assay
