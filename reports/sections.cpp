// SPDX-License-Identifier: Apache-2.0
#include "reports/sections.h"

#include <algorithm>

namespace assay {

void add_row(Table& table, const Summary& summary, std::size_t device, std::vector<Cell> row) {
  if (summary.devices.size() > 1) {
    if (table.rows.empty()) table.columns.insert(table.columns.begin() + 1, {"Device", false});
    row.insert(row.begin() + 1, Cell(summary.devices[device].label));
  }
  table.rows.push_back(std::move(row));
}

std::vector<std::string> workloads_of(const Summary& summary) {
  std::vector<std::string> all;
  for (const CaseSummary& c : summary.cases)
    if (std::ranges::find(all, c.workload) == all.end()) all.push_back(c.workload);
  return all;
}

Text case_text(const Summary& summary, const CaseSummary& c) {
  Text text = Text().code(c.short_id);
  if (!c.conditions.empty()) text.add(" (" + c.conditions + ")");
  if (summary.devices.size() > 1) text.add(" on " + summary.devices[c.device].label);
  return text;
}

}  // namespace assay
