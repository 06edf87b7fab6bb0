// SPDX-License-Identifier: Apache-2.0
// The models of a workload side by side, by the best figures of each.
#include <algorithm>

#include "base/units.h"
#include "reports/headline_of.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

Text figure_text(const BestFigure& best, const CaseSummary& c) {
  const Headline& h = c.headlines[best.headline_index];
  Text text = Text().strong(metric_text(h));
  text.add(interval_text(h), Span::Style::detail);
  text.add(best_text(best, h), Span::Style::detail);
  return text.add(c.disturbed ? "disturbed" : "", Span::Style::detail);
}

}  // namespace

void add_overview(Blocks& out, const View& workload) {
  const Summary& s = workload.summary();
  std::vector<Metric> metrics = metrics_of(workload);
  std::erase_if(metrics, [&](const Metric& metric) {  // withheld everywhere
    return std::ranges::none_of(workload.models, [&](const ModelSummary& model) {
      return std::ranges::find(model.best, metric.name, &BestFigure::metric) != model.best.end();
    });
  });
  Table table{.caption = "Figures by model; below each, half the width of its 95 % interval",
              .columns = {{"Model", false}},
              .rows = {}};
  for (const Metric& metric : metrics)
    table.columns.push_back({metric_label(metric.name), true, metric.unit});
  // A row a model and device: figures of different models do not compete.
  for (const ModelSummary& model : workload.models) {
    std::vector<Cell> row = {Text().strong(model.label)};
    for (const Metric& metric : metrics) {
      const auto best = std::ranges::find(model.best, metric.name, &BestFigure::metric);
      row.emplace_back(best == model.best.end() ? Text(std::string(kUnknown))
                                                : figure_text(*best, s.cases[best->case_index]));
    }
    add_row(table, s, model.device, std::move(row));
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
  add_best_charts(out, workload);
}

}  // namespace assay
