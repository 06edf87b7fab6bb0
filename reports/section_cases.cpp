// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::vector<std::string> metrics_of(const Summary& s, const std::string& workload) {
  std::vector<std::string> all;
  for (const CaseSummary& c : s.cases)
    for (const Headline& h : c.headlines)
      if (c.workload == workload && std::ranges::find(all, h.metric) == all.end()) all.push_back(h.metric);
  return all;
}

const Headline* find(const CaseSummary& c, const std::string& metric) {
  const auto found = std::find_if(c.headlines.begin(), c.headlines.end(),
                                  [&](const Headline& h) { return h.metric == metric; });
  return found == c.headlines.end() ? nullptr : &*found;
}

/// One measured case a model: the summary's table holds the very same rows.
bool repeats_summary(const Summary& s) {
  return s.models.size() > 1 && s.models.size() == s.cases.size();
}

void add_table(Blocks& out, const Summary& s, const std::string& workload) {
  Table table{.caption = "Below each figure half the width of its 95 % interval",
              .columns = {{"Case", false}},
              .rows = {}};
  const std::vector<std::string> metrics = metrics_of(s, workload);
  for (const std::string& metric : metrics) table.columns.push_back({metric_label(metric), true});
  for (const CaseSummary& c : s.cases) {
    if (c.workload != workload) continue;
    std::vector<Cell> row = {Text().code(c.short_id)};
    if (c.status != CaseStatus::ok) row[0].text.add(spaced(name_of(c.status)), Span::Style::detail);
    if (c.disturbed) row[0].text.add("disturbed", Span::Style::detail);
    for (const std::string& metric : metrics) {
      const Headline* h = find(c, metric);
      row.push_back(h == nullptr
                        ? Text(std::string(kUnknown))
                        : Text(metric_text(*h)).add(h->value ? interval_text(*h) : "", Span::Style::detail));
    }
    add_row(table, s, c.device, std::move(row));
  }
  out.push_back(std::move(table));
}

/// Whether every case gives `metric` as one same amount divided by what it gives as `other`: a chart of it
/// would say the same again, upside down.
bool is_reciprocal(const Summary& s, const std::string& workload, const std::string& metric,
                   const std::string& other) {
  std::optional<double> amount;
  for (const CaseSummary& c : s.cases) {
    const Headline* h = c.workload == workload ? find(c, metric) : nullptr;
    if (h == nullptr) continue;
    const Headline* draw = find(c, other);
    if (draw == nullptr || h->of != draw->of || h->statistic != draw->statistic || !h->peak_of.empty() ||
        draw->amount || !h->amount || amount.value_or(*h->amount) != *h->amount)
      return false;
    amount = h->amount;
  }
  return amount.has_value();
}

std::vector<std::string> charted_metrics(const Summary& s, const std::string& workload) {
  std::vector<std::string> charted;
  for (const std::string& metric : metrics_of(s, workload))
    if (std::ranges::none_of(
            charted, [&](const std::string& other) { return is_reciprocal(s, workload, metric, other); }))
      charted.push_back(metric);
  return charted;
}

void add_chart(Blocks& out, const Summary& s, const std::string& workload, const std::string& metric) {
  BarChart chart{.id = "bars-" + slug(workload) + "-" + slug(metric),
                 .title = metric_label(metric),
                 .description = {},
                 .unit = {},
                 .series = {},
                 .bars = {}};
  for (const DeviceSummary& device : s.devices) chart.series.push_back(device.label);
  for (const CaseSummary& c : s.cases) {
    const Headline* h = c.workload == workload ? find(c, metric) : nullptr;
    if (h == nullptr || !h->value) continue;
    chart.unit = h->unit;
    chart.description += (chart.description.empty() ? "" : "; ") + c.short_id + " on " +
                         s.devices[c.device].label + ": " + metric_text(*h);
    chart.bars.push_back({.label = c.short_id,
                          .series = c.device,
                          .value = *h->value,
                          .low = h->low,
                          .high = h->high,
                          .ceiling = h->ceiling,
                          .text = metric_text(*h)});
    if (chart.bars.size() == 1)
      chart.title += h->better == Better::lower ? " (lower is better)" : " (higher is better)";
  }
  if (chart.bars.empty()) return;
  out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

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

void add_details(Blocks& out, const Summary& s) {
  bool first = true;
  for (const CaseSummary& c : s.cases) {
    if (c.headlines.empty()) continue;
    if (first) out.push_back(Heading{3, "Every figure with its spread"});
    first = false;
    Table table{.caption = c.short_id + " on " + s.devices[c.device].label,
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

}  // namespace

void add_cases_section(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  if (s.cases.empty()) return;
  out.push_back(Heading{2, "Cases"});
  if (!s.common_id.empty()) out.push_back(Paragraph{Text("All cases are of ").code(s.common_id).add(".")});
  for (const std::string& workload : workloads_of(s)) {
    if (!repeats_summary(s)) add_table(out, s, workload);
    for (const std::string& metric : charted_metrics(s, workload)) add_chart(out, s, workload, metric);
  }
  add_details(out, s);
}

}  // namespace assay
