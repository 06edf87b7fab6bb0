// SPDX-License-Identifier: Apache-2.0
// Every figure of every case: its interval, its percentiles, its draws.
#include <algorithm>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// "518 to 521 tokens/s": the unit once where both ends have the same.
std::string range_text(const Headline& h) {
  if (!h.low || !h.high) return std::string(kUnknown);
  std::string low = metric_text(h, h.low);
  const std::string high = metric_text(h, h.high);
  const std::size_t low_unit = low.find(' '), high_unit = high.find(' ');
  if (low_unit != std::string::npos && high_unit != std::string::npos &&
      low.substr(low_unit) == high.substr(high_unit))
    low.resize(low_unit);
  return low + " to " + high;
}

/// Draws, blocks and sessions, with what must be known of them.
Text draws_cell(const Headline& h) {
  Text text(draws_text(h));
  if (h.within_deviation && h.between_deviation)
    text.add("deviation " + percent_text(*h.within_deviation) + " within, " +
                 percent_text(*h.between_deviation) + " between sessions",
             Span::Style::detail);
  if (h.converged && !*h.converged)
    text.add(h.why.empty() ? "the interval is wider than asked for" : h.why, Span::Style::detail);
  return text;
}

Text value_cell(const Headline& h) {
  Text text = Text().strong(metric_text(h));
  if (h.statistic != Stat::median) text.add(name_of(h.statistic), Span::Style::detail);
  return text;
}

}  // namespace

void add_spread(Blocks& out, const View& view) {
  bool first = true;
  for (const CaseSummary& c : view.cases) {
    if (c.headlines.empty()) continue;
    if (first) out.push_back(Heading{std::max(3, view.level), "Every figure with its spread"});
    first = false;
    Table table{.caption = c.short_id + " on " + view.summary().devices[c.device].label,
                .columns = {{"Figure", false},
                            {"Median", true},
                            {"95 % interval", true},
                            {"p90", true},
                            {"p99", true},
                            {"At the bound", true},
                            {"Draws", false}},
                .rows = {}};
    for (const Headline& h : c.headlines)
      table.rows.push_back({metric_label(h.metric), value_cell(h), range_text(h), metric_text(h, h.p90),
                            metric_text(h, h.p99), metric_text(h, h.ceiling), draws_cell(h)});
    out.push_back(std::move(table));
  }
}

}  // namespace assay
