// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::vector<std::string> workloads_of(const Summary& s) {
  std::vector<std::string> all;
  for (const CaseSummary& c : s.cases)
    if (std::find(all.begin(), all.end(), c.workload) == all.end()) all.push_back(c.workload);
  return all;
}

std::vector<std::string> metrics_of(const Summary& s, const std::string& workload) {
  std::vector<std::string> all;
  for (const BestFigure& best : s.best)
    if (best.workload == workload) all.push_back(best.metric);
  return all;
}

const Headline* find(const CaseSummary& c, const std::string& metric) {
  const auto found = std::find_if(c.headlines.begin(), c.headlines.end(),
                                  [&](const Headline& h) { return h.metric == metric; });
  return found == c.headlines.end() ? nullptr : &*found;
}

void add_table(Blocks& out, const Summary& s, const std::string& workload) {
  Table table{.caption = "Medians; below each, half the width of its 95 % interval",
              .columns = {{"Case", false}},
              .rows = {}};
  const bool several = s.devices.size() > 1;
  if (several) table.columns.push_back({"Device", false});
  const std::vector<std::string> metrics = metrics_of(s, workload);
  for (const std::string& metric : metrics) table.columns.push_back({metric_label(metric), true});
  for (const CaseSummary& c : s.cases) {
    if (c.workload != workload) continue;
    std::vector<Cell> row = {Text().code(c.short_id)};
    if (c.status != "ok") row[0].text.add(c.status, Span::Style::detail);
    if (several) row.emplace_back(s.devices[c.device].label);
    for (const std::string& metric : metrics) {
      const Headline* h = find(c, metric);
      row.push_back(h == nullptr ? Text(std::string(kUnknown))
                                 : Text(metric_text(*h)).add(interval_text(*h), Span::Style::detail));
    }
    table.rows.push_back(std::move(row));
  }
  out.push_back(std::move(table));
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
    const Headline* h = c.workload == workload && c.status == "ok" ? find(c, metric) : nullptr;
    if (h == nullptr) continue;
    chart.unit = metric_unit(h->metric, h->unit);
    chart.description += (chart.description.empty() ? "" : "; ") + c.short_id + " on " +
                         s.devices[c.device].label + ": " + metric_text(*h);
    chart.bars.push_back({.label = c.short_id,
                          .series = c.device,
                          .value = h->median,
                          .low = h->low,
                          .high = h->high,
                          .ceiling = h->ceiling,
                          .text = metric_text(*h)});
    if (chart.bars.size() == 1)
      chart.title += h->better == "lower" ? " (lower is better)" : " (higher is better)";
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
                            {"Measured peaks allow", true},
                            {"Samples", true}},
                .rows = {}};
    for (const Headline& h : c.headlines) {
      Text samples(count_text(h.n));
      if (h.converged && !*h.converged) samples.add("ran out of time", Span::Style::detail);
      table.rows.push_back({metric_label(h.metric), Text().strong(metric_text(h)), range_text(h),
                            metric_text(h, h.p90), metric_text(h, h.p99), metric_text(h, h.ceiling),
                            samples});
    }
    out.push_back(std::move(table));
  }
}

void add_pair(Blocks& out, const Summary& s, std::size_t device, std::size_t baseline) {
  Table table{.caption = s.devices[device].label + " compared with " + s.devices[baseline].label +
                         ": above 1x the former is better",
              .columns = {{"Case", false},
                          {"Figure", false},
                          {"Ratio", true},
                          {"Interval", true},
                          {"Verdict", false}},
              .rows = {}};
  for (const DeviceComparison& c : s.comparisons)
    if (c.device == device && c.baseline == baseline)
      table.rows.push_back(
          {Text().code(c.short_id), metric_label(c.metric), Text().strong(ratio_text(c.ratio)),
           c.low && c.high ? ratio_text(*c.low) + " to " + ratio_text(*c.high) : std::string(kUnknown),
           c.verdict});
  if (!table.rows.empty()) out.push_back(std::move(table));
}

}  // namespace

void add_cases_section(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  if (s.cases.empty()) return;
  out.push_back(Heading{2, "Cases"});
  if (!s.common_id.empty()) out.push_back(Paragraph{Text("All cases are of ").code(s.common_id).add(".")});
  for (const std::string& workload : workloads_of(s)) {
    add_table(out, s, workload);
    for (const std::string& metric : metrics_of(s, workload)) add_chart(out, s, workload, metric);
  }
  add_details(out, s);
}

void add_comparison_section(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  if (s.comparisons.empty()) return;
  out.push_back(Heading{2, "Devices side by side"});
  for (std::size_t device = 0; device < s.devices.size(); ++device)
    for (std::size_t baseline = 0; baseline < s.devices.size(); ++baseline)
      add_pair(out, s, device, baseline);
  if (s.agreements.empty()) return;
  Bullets bullets;
  for (const OutputAgreement& a : s.agreements)
    bullets.items.push_back(Text()
                                .code(a.short_id)
                                .add(": outputs of " + s.devices[a.device].label + " and " +
                                     s.devices[a.baseline].label + " for the same seed differ by at most " +
                                     number_text(a.difference, 2) + " of their root mean square."));
  out.push_back(std::move(bullets));
}

}  // namespace assay
