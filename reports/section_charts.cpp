// SPDX-License-Identifier: Apache-2.0
// Bars of figures: of a model's cases, and of the best of each model of a workload.
#include <algorithm>

#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/headline_of.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// Whether every case gives `metric` as one same amount divided by what it gives as `other`: a chart of it
/// would say the same again, upside down.
bool is_reciprocal(const View& view, const std::string& metric, const std::string& other) {
  std::optional<double> amount;
  for (const CaseSummary& c : view.cases) {
    const Headline* h = headline_of(c, metric);
    if (h == nullptr) continue;
    const Headline* draw = headline_of(c, other);
    if (draw == nullptr || h->of != draw->of || h->statistic != draw->statistic || !h->peak_of.empty() ||
        draw->amount || !h->amount || amount.value_or(*h->amount) != *h->amount)
      return false;
    amount = h->amount;
  }
  return amount.has_value();
}

std::vector<std::string> charted_metrics(const View& view) {
  std::vector<std::string> charted;
  for (const Metric& metric : metrics_of(view))
    if (std::ranges::none_of(
            charted, [&](const std::string& other) { return is_reciprocal(view, metric.name, other); }))
      charted.push_back(metric.name);
  return charted;
}

/// A figure and what it is called in the chart.
struct Bar {
  const CaseSummary& of;
  const Headline& figure;
  std::string label;
};

void add_chart(Blocks& out, const View& view, const std::string& metric, const std::vector<Bar>& bars,
               const std::string& of_what) {
  const Summary& s = view.summary();
  BarChart chart{.id = "bars-" + view.id + "-" + slug(metric),
                 .title = metric_label(metric) + of_what,
                 .description = {},
                 .unit = {},
                 .series = {},
                 .bars = {}};
  for (const DeviceSummary& device : s.devices) chart.series.push_back(device.label);
  for (const Bar& bar : bars) {
    const std::string value = metric_text(bar.figure);
    chart.unit = bar.figure.unit;
    chart.description += (chart.description.empty() ? "" : "; ") + bar.label + " on " +
                         s.devices[bar.of.device].label + ": " + value;
    chart.bars.push_back({.label = bar.label,
                          .series = bar.of.device,
                          .value = *bar.figure.value,
                          .low = bar.figure.low,
                          .high = bar.figure.high,
                          .ceiling = bar.figure.ceiling,
                          .text = value});
  }
  chart.title += bars.front().figure.better == Better::lower ? " (lower is better)" : " (higher is better)";
  out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

}  // namespace

void add_case_charts(Blocks& out, const View& view) {
  for (const std::string& metric : charted_metrics(view)) {
    std::vector<Bar> bars;
    for (const CaseSummary& c : view.cases)
      if (const Headline* h = headline_of(c, metric); h != nullptr && h->value)
        bars.push_back({c, *h, c.short_id});
    const bool repeats =
        view.in_overview && bars.size() <= view.models.size();  // one a device: they stand above
    if (!bars.empty() && !repeats) add_chart(out, view, metric, bars, "");
  }
}

void add_best_charts(Blocks& out, const View& workload) {
  const Summary& s = workload.summary();
  for (const std::string& metric : charted_metrics(workload)) {
    std::vector<Bar> bars;
    bool of_several = false;
    for (const ModelSummary& model : workload.models) {
      const auto best = std::ranges::find(model.best, metric, &BestFigure::metric);
      if (best == model.best.end()) continue;
      const CaseSummary& c = s.cases[best->case_index];
      of_several = of_several || best->of_cases > 1;
      bars.push_back({c, c.headlines[best->headline_index], model.label});
    }
    if (!bars.empty()) add_chart(out, workload, metric, bars, of_several ? ", best of each model" : "");
  }
}

}  // namespace assay
