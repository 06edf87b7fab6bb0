// SPDX-License-Identifier: Apache-2.0
// What was asked of a model and what came of it: the first of its sections, without a heading of its own.
#include <algorithm>

#include "base/units.h"
#include "reports/headline_of.h"
#include "reports/metric_text.h"
#include "reports/sections.h"
#include "reports/stage_text.h"

namespace assay {
namespace {

void add_table(Blocks& out, const View& view) {
  const std::vector<Metric> metrics = metrics_of(view);
  Table table{.caption = "Cases; below each figure half the width of its 95 % interval",
              .columns = {{"Case", false}},
              .rows = {}};
  for (const Metric& metric : metrics)
    table.columns.push_back({metric_label(metric.name), true, metric.unit});
  for (const CaseSummary& c : view.cases) {
    std::vector<Cell> row = {Text().code(c.short_id)};
    if (c.status != CaseStatus::ok) row[0].text.add(spaced(name_of(c.status)), Span::Style::detail);
    if (c.disturbed) row[0].text.add("disturbed", Span::Style::detail);
    for (const Metric& metric : metrics) {
      const Headline* h = headline_of(c, metric.name);
      row.push_back(h == nullptr
                        ? Text(std::string(kUnknown))
                        : Text(metric_text(*h)).add(h->value ? interval_text(*h) : "", Span::Style::detail));
    }
    add_row(table, view.summary(), c.device, std::move(row));
  }
  out.push_back(std::move(table));
}

void add_tiles(Blocks& out, const Summary& s, const ModelSummary& model) {
  Tiles tiles;
  for (const BestFigure& best : model.best) {
    const Headline& h = s.cases[best.case_index].headlines[best.headline_index];
    std::string note = best_text(best, h);
    if (h.half_width) note += (note.empty() ? "" : ", ") + interval_text(h);
    if (s.cases[best.case_index].disturbed) note += std::string(note.empty() ? "" : ", ") + "disturbed";
    tiles.tiles.push_back({metric_label(h.metric), metric_text(h), note});
  }
  if (!tiles.tiles.empty()) out.push_back(std::move(tiles));
}

/// "Decode takes 57.1 ms: by its counts memory-bound, at 90.5 % of the bound at the measured peaks (...)."
void add_stage(Text& text, const StageSummary& stage) {
  text.strong(capitalised(stage.name))
      .add(" takes " + quantity_text(stage.time_s, "s") + classes_text(stage));
  add_share_of_bound(text, stage);
  text.add(".");
}

/// What each stage takes and what class it is of: a sentence a case.
void add_stages(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  Bullets bullets;
  for (const CaseSummary& c : view.cases) {
    if (std::ranges::none_of(c.stages, [](const StageSummary& stage) { return stage.time_s.has_value(); }))
      continue;
    Text text;
    text.code(c.short_id);
    if (s.devices.size() > 1) text.add(" on ").strong(s.devices[c.device].label);
    text.add(": ");
    for (const StageSummary& stage : c.stages)
      if (stage.time_s) {
        add_stage(text, stage);
        text.add(&stage == &c.stages.back() ? "" : " ");
      }
    bullets.items.push_back(text);
  }
  if (!bullets.items.empty()) out.push_back(bullets);
}

}  // namespace

void add_cases_section(Blocks& out, const View& view) {
  add_run_table(out, view);
  const bool tiles = !view.in_overview && view.models.size() == 1;
  if (tiles) add_tiles(out, view.summary(), view.models.front());
  const bool repeats = (tiles || view.in_overview) && view.models.size() == view.cases.size();
  if (!repeats) add_table(out, view);
  add_stages(out, view);
  add_case_charts(out, view);
  add_spread(out, view);
}

}  // namespace assay
