// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCostRows = 300;

std::string money(const std::optional<double>& amount, const std::string& currency) {
  return amount ? number_text(*amount) + " " + currency : std::string(kUnknown);
}

}  // namespace

void add_cost_part(Blocks& out, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  if (e.costs.empty()) return;
  const std::string currency = e.prices ? e.prices->currency : "";
  out.push_back(Heading{2, e.prices ? "Cost and energy" : "Energy"});
  if (e.prices)
    out.push_back(
        Paragraph{Text("By the prices that were given for this document; none of them is ours. A cost is the "
                       "device's price for the "
                       "time that the work takes on a device that is always busy; with power where the "
                       "device reports it and "
                       "a price for it was given.")});
  Table table{.caption = "What work takes",
              .columns = {{"Case", false},
                          {"System", false},
                          {"Work", false},
                          {"Cost", true},
                          {"An hour", true},
                          {"Energy", true},
                          {"Mean power", true}},
              .rows = {}};
  for (const CaseCost& cost : e.costs) {
    if (table.rows.size() == kCostRows) break;
    Text hour(money(cost.per_hour, currency));
    if (cost.per_hour) hour.add(cost.with_power ? "with its power" : "without power", Span::Style::detail);
    table.rows.push_back({Text().code(input.report.summary.cases[cost.case_index].short_id),
                          e.systems[cost.system].label,
                          Text(cost.work).add(metric_label(cost.metric), Span::Style::detail),
                          Text().strong(money(cost.cost, currency)), hour, quantity_text(cost.energy_j, "J"),
                          quantity_text(cost.power_w, "W")});
  }
  const bool all = table.rows.size() == e.costs.size();
  out.push_back(std::move(table));
  if (!all)
    out.push_back(Paragraph{Text().add("The first " + count_text(static_cast<std::int64_t>(kCostRows)) +
                                           " of " + count_text(std::ssize(e.costs)) +
                                           "; all of them are in the JSON of this document.",
                                       Span::Style::muted)});
}

}  // namespace assay
