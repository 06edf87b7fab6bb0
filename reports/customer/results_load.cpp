// SPDX-License-Identifier: Apache-2.0
// How much load a system carries: capacities under the limits, from the sweep's own axes, and latency against
// throughput along them.
#include <algorithm>

#include "acceptance/recommendation_text.h"
#include "base/units.h"
#include "reports/charts.h"
#include "reports/customer/parts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

bool is_of(const Sweep& sweep, const View& view) {
  const auto index = sweep.points.front().case_index;
  return std::ranges::any_of(view.cases,
                             [&](const CaseSummary& c) { return view.number_of(c) - 1 == index; });
}

Text capacity_cell(const Capacity& capacity, const Sweep& sweep) {
  Text text;
  if (!capacity.value)
    text.add("none that was measured", Span::Style::strong);
  else
    text.strong(setting_at(sweep.of, *capacity.value));
  if (capacity.sweep_ends) text.add("the largest that was measured: it may carry more", Span::Style::detail);
  if (capacity.by_stand_in)
    text.add("by the median: draws do not support the percentile", Span::Style::detail);
  return text;
}

/// The figure at the capacity, and at what lies beyond it.
Text figure_at(const Capacity& capacity, const Sweep& sweep, const std::optional<double>& at) {
  for (std::size_t i = 0; at && i < sweep.points.size(); ++i)
    if (sweep.points[i].at == *at) {
      const MeasuredFigure& f = capacity.figures[i];
      Text text(f.value ? value_text(f, *f.value) : std::string("withheld"));
      if (capacity.outcomes[i] == Outcome::cannot_tell) text.add("cannot be told", Span::Style::detail);
      return text;
    }
  return std::string(kUnknown);
}

}  // namespace

void add_capacities(Blocks& out, const CustomerInput& input, const View& view) {
  const Evaluation& e = input.evaluation;
  Table table{.caption = "How much load holds each limit",
              .columns = {{"Limit", false},
                          {"System", false},
                          {"Holds up to", false},
                          {"There", true},
                          {"Next measured", false},
                          {"There", true}},
              .rows = {}};
  for (const Capacity& capacity : e.capacities) {
    const Sweep& sweep = e.sweeps[capacity.sweep];
    if (!is_of(sweep, view)) continue;
    const AcceptanceLimit& limit = e.brief.acceptance[capacity.limit];
    Text name(limit.name);
    name.add(limit_text({.name = {},
                         .choice = {},
                         .metric = {},
                         .statistic = limit.statistic,
                         .at_most = limit.at_most,
                         .at_least = limit.at_least,
                         .capacity = {}},
                        capacity.figures.front().unit),
             Span::Style::detail);
    Text system(e.systems[sweep.system].label);
    system.add(sweep.others, Span::Style::detail);
    table.rows.push_back({name, system, capacity_cell(capacity, sweep),
                          figure_at(capacity, sweep, capacity.value),
                          capacity.next ? setting_at(sweep.of, *capacity.next) : std::string(kUnknown),
                          figure_at(capacity, sweep, capacity.next)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_load_charts(Blocks& out, const CustomerInput& input, const View& view) {
  const Evaluation& e = input.evaluation;
  // Systems whose figures are the same pair stand in one chart.
  std::vector<CurveChart> charts;
  for (const TradeOff& trade : e.trade_offs) {
    const Sweep& sweep = e.sweeps[trade.sweep];
    if (!is_of(sweep, view)) continue;
    const MeasuredFigure &time = trade.times.front(), &rate = trade.rates.front();
    const std::string id = "load-" + view.id + "-" + slug(sweep.of) + "-" + slug(time.metric);
    auto chart = std::ranges::find(charts, id, &CurveChart::id);
    if (chart == charts.end()) {
      CurveChart one;
      one.id = id;
      one.title = metric_label(time.metric) + " against " + metric_label(rate.metric);
      one.x_unit = rate.unit;
      one.y_unit = time.unit;
      one.x_title = metric_label(rate.metric);
      one.y_title = metric_label(time.metric);
      if (trade.limit) {
        const AcceptanceLimit& limit = e.brief.acceptance[*trade.limit];
        one.limit = limit.at_most;
        one.limit_text = quantity_text(*limit.at_most, time.unit) + ": " + limit.name;
      }
      chart = charts.insert(charts.end(), std::move(one));
    }
    CurveChart::Series series{.name = e.systems[sweep.system].label, .points = {}};
    if (!sweep.others.empty()) series.name += ", " + sweep.others;
    chart->description += (chart->description.empty() ? "" : "; ") + series.name + ": ";
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
      const MeasuredFigure &t = trade.times[i], &r = trade.rates[i];
      const std::string label = setting_at(sweep.of, sweep.points[i].at);
      const std::string text = value_text(t, *t.value) + " at " + value_text(r, *r.value);
      const bool within = !chart->limit || is_met(t, chart->limit, {}).verdict == Outcome::pass;
      series.points.push_back({.x = *r.value,
                               .y = *t.value,
                               .x_low = r.low,
                               .x_high = r.high,
                               .y_low = t.low,
                               .y_high = t.high,
                               .label = label,
                               .text = text,
                               .within = within});
      chart->description += (i > 0 ? ", " : "") + label + " " + text;
    }
    chart->series.push_back(std::move(series));
  }
  for (const CurveChart& chart : charts)
    out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

}  // namespace assay
