// SPDX-License-Identifier: Apache-2.0
// The appendix of operations: each with its kernel, its time and what bounds it.
#include <algorithm>
#include <numeric>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

Table ops_table(const StageResult& stage, const StageSummary& summary, const CaseSummary& c,
                const DeviceSummary& device) {
  std::string caption = c.short_id + " on " + device.label + ", " + stage.name;
  if (stage.place == Place::host) caption += ", on the host that feeds the device";
  if (stage.times > 1) caption += ", one of " + count_text(stage.times) + " iterations";
  if (summary.time_s) caption += ": " + quantity_text(summary.time_s, "s") + " end to end";
  Table table{.caption = caption,
              .columns = {{"Operation", false},
                          {"Kernel", false},
                          {"Calls", true},
                          {"Time of a call", true, "s"},
                          {"Share", true, "1"},
                          {"Bound by", false},
                          {"Compute", true, "FLOP/s"},
                          {"Memory", true, "B/s"},
                          {"Of measured peak", true, "1"},
                          {"Of datasheet", true, "1"}},
              .rows = {}};
  // What is the same for many of them is said once.
  if (!summary.near_floor.empty())
    table.caption += "; *: less than ten of the shortest launch, " + quantity_text(c.floor_s, "s");
  if (!summary.in_cache.empty())
    table.caption +=
        "; \u2020: its data fit the cache of " + bytes_text(static_cast<double>(device.cache_bytes));
  std::vector<std::size_t> order(stage.ops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>{},
                           [&](std::size_t i) { return stage.ops[i].share.value_or(0); });
  for (const std::size_t i : order) {
    const OpResult& op = stage.ops[i];
    std::string time = op.time_s ? quantity_text(op.time_s->value, "s") : std::string(kUnknown);
    if (std::ranges::find(summary.near_floor, i) != summary.near_floor.end()) time += " *";
    std::string of_peak = percent_text(op.of_peak.measured);
    if (std::ranges::find(summary.in_cache, i) != summary.in_cache.end()) of_peak += " \u2020";
    table.rows.push_back({Text().strong(op.name).add(op.kind + " " + op.shape, Span::Style::detail),
                          op.kernel, count_text(op.calls), time, Cell(percent_text(op.share), op.share),
                          bound_text(op.bound), quantity_text(op.flops_per_s, "FLOP/s"),
                          quantity_text(op.bytes_per_s, "B/s"), of_peak, percent_text(op.of_peak.datasheet)});
  }
  if (std::ranges::none_of(stage.ops, [](const OpResult& op) { return op.of_peak.datasheet.has_value(); })) {
    table.columns.pop_back();
    for (auto& row : table.rows) row.pop_back();
  }
  return table;
}

}  // namespace

void add_operations_section(Blocks& out, const ReportInput& input) {
  Blocks tables;
  for (const CaseSummary& c : input.summary.cases) {
    const CaseResult& result = input.results[c.result].cases[c.index];
    for (std::size_t s = 0; s < c.stages.size(); ++s)
      if (!result.stages[s].ops.empty())
        tables.emplace_back(ops_table(result.stages[s], c.stages[s], c, input.summary.devices[c.device]));
  }
  if (tables.empty()) return;
  out.push_back(Heading{2, "Appendix: operations"});
  out.insert(out.end(), tables.begin(), tables.end());
}

}  // namespace assay
