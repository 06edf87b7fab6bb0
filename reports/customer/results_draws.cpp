// SPDX-License-Identifier: Apache-2.0
// Every draw of the figures that limits are on: what a median and its interval are made of, to be looked at.
#include <algorithm>
#include <set>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/customer/parts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kDrawRows = 6;

/// A time of a case as it was drawn; nothing where the figure is none, or its series is not kept.
std::optional<DrawsChart::Row> row_of(const CustomerInput& input, const MeasuredFigure& f,
                                      const std::string& system, std::size_t series) {
  const CaseSummary& c = case_of(input, f);
  const CaseResult& one = input.report.results[c.result].cases[c.index];
  const auto drawn = one.series.find(f.of);
  if (drawn == one.series.end() || drawn->second.unit != f.unit || !f.value) return std::nullopt;
  DrawsChart::Row row{.label = system + ", " + c.short_id, .series = series};
  for (std::size_t b = 0; b < drawn->second.blocks.size(); ++b)
    for (const double value : drawn->second.blocks[b])
      row.draws.push_back(
          {.value = value,
           .block = b,
           .text = quantity_text(value, f.unit) + ", block " + count_text(static_cast<std::int64_t>(b) + 1)});
  const auto headline = std::ranges::find_if(c.headlines, [&](const Headline& h) {
    return h.of == f.of && h.unit == f.unit && h.statistic == Stat::median;
  });
  if (headline != c.headlines.end()) {
    row.median = headline->value;
    row.low = headline->low;
    row.high = headline->high;
    row.p90 = headline->p90;
    row.p99 = headline->p99;
  }
  row.text = value_text(f, *f.value);
  return row.draws.empty() ? std::nullopt : std::optional(std::move(row));
}

/// The figure that decides a limit on each system, where it is a time of this model.
std::vector<MeasuredFigure> deciding(const CustomerInput& input, const View& view, std::size_t limit,
                                     std::vector<std::size_t>& systems) {
  std::vector<MeasuredFigure> figures;
  for (const LimitVerdict& v : input.evaluation.verdicts) {
    if (v.limit != limit || !v.figure || v.figure->unit != "s") continue;
    const bool here = std::ranges::any_of(
        view.cases, [&](const CaseSummary& c) { return view.number_of(c) - 1 == v.figure->case_index; });
    if (!here) continue;
    figures.push_back(*v.figure);
    systems.push_back(v.system);
  }
  return figures;
}

}  // namespace

void add_draws(Blocks& out, const CustomerInput& input, const View& view) {
  const Evaluation& e = input.evaluation;
  std::set<std::string> drawn;  // a figure that two limits are on stands once
  for (std::size_t l = 0; l < e.brief.acceptance.size(); ++l) {
    const AcceptanceLimit& limit = e.brief.acceptance[l];
    if (!limit.at_most || !drawn.insert(limit.metric).second) continue;
    std::vector<std::size_t> systems;
    const std::vector<MeasuredFigure> figures = deciding(input, view, l, systems);
    DrawsChart chart;
    chart.id = "draws-" + view.id + "-" + slug(limit.metric);
    chart.title = "Every draw of: " + metric_label(limit.metric);
    chart.limit = limit.at_most;
    for (std::size_t i = 0; i < figures.size() && chart.rows.size() < kDrawRows; ++i) {
      auto row = row_of(input, figures[i], e.systems[systems[i]].label, systems[i]);
      if (!row) continue;
      chart.unit = figures[i].unit;
      chart.limit_text = limit.name + ": " + value_text(figures[i], *limit.at_most);
      chart.description += (chart.description.empty() ? "" : "; ") + row->label + ": " + row->text;
      chart.rows.push_back(std::move(*row));
    }
    if (!chart.rows.empty()) out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
  }
}

}  // namespace assay
