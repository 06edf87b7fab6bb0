// SPDX-License-Identifier: Apache-2.0
#include "reports/sections.h"

namespace assay {

void add_row(Table& table, const Summary& summary, std::size_t device, std::vector<Cell> row) {
  if (summary.devices.size() > 1) {
    if (table.rows.empty()) table.columns.insert(table.columns.begin() + 1, {"Device", false});
    row.insert(row.begin() + 1, Cell(summary.devices[device].label));
  }
  table.rows.push_back(std::move(row));
}

Text case_text(const Summary& summary, const CaseSummary& c) {
  Text text = Text().code(c.short_id);
  if (!c.conditions.empty()) text.add(" (" + c.conditions + ")");
  if (summary.devices.size() > 1) text.add(" on " + summary.devices[c.device].label);
  return text;
}

}  // namespace assay
