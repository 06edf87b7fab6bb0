// SPDX-License-Identifier: Apache-2.0
// The part of the summary that holds figures: of each model its best, and what class its stages are of.
#include <algorithm>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

constexpr double kWorthNaming = 0.05;  // share of a stage's time

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

/// A row a model: figures of different models do not compete.
void add_table(Blocks& out, const Summary& s, const std::string& workload) {
  std::vector<std::string> metrics;
  for (const ModelSummary& model : s.models)
    for (const BestFigure& best : model.best)
      if (model.workload == workload && std::ranges::find(metrics, best.metric) == metrics.end())
        metrics.push_back(best.metric);
  Table table{.caption = "Figures by model; below each, half the width of its 95 % interval",
              .columns = {{"Model", false}},
              .rows = {}};
  for (const std::string& metric : metrics) table.columns.push_back({metric_label(metric), true});
  for (const ModelSummary& model : s.models) {
    if (model.workload != workload) continue;
    std::vector<Cell> row = {Text().strong(model.label)};
    for (const std::string& metric : metrics) {
      const auto best = std::ranges::find(model.best, metric, &BestFigure::metric);
      if (best == model.best.end()) {
        row.emplace_back(std::string(kUnknown));
        continue;
      }
      const Headline& h = s.cases[best->case_index].headlines[best->headline_index];
      row.emplace_back(Text()
                           .strong(metric_text(h))
                           .add(interval_text(h), Span::Style::detail)
                           .add(best_text(*best, h), Span::Style::detail)
                           .add(s.cases[best->case_index].disturbed ? "disturbed" : "", Span::Style::detail));
    }
    add_row(table, s, model.device, std::move(row));
  }
  out.push_back(std::move(table));
}

/// The class that FLOPs and bytes put work in, which is no cause: "memory-bound", "as short as its launches".
std::string class_text(const std::optional<Bound>& bound) {
  return bound == Bound::launch ? "as short as its launches" : bound_text(bound) + "-bound";
}

/// ": by its counts memory-bound", with shares of the time where there are several classes.
std::string classes_text(const StageSummary& stage) {
  std::string text;
  for (const BoundShare& b : stage.bounds) {
    if (b.share < kWorthNaming || !b.bound) continue;
    text += (text.empty() ? ": by its counts " : ", ") + class_text(b.bound);
    if (b.share >= 1 - kWorthNaming) continue;
    text += " for " + percent_text(b.share) + " of its operations' time";
    if (b.of_peak && b.bound != Bound::launch) text += " (at " + percent_text(b.of_peak) + " of the peak)";
  }
  return text;
}

/// "Decode takes 57.1 ms: by its counts memory-bound, at 90.5 % of the bound at the measured peaks (...)."
void add_stage(Text& text, const StageSummary& stage) {
  text.strong(capitalised(stage.name))
      .add(" takes " + quantity_text(stage.time_s, "s") + classes_text(stage));
  const OfPeak& share = stage.of_bound;
  if (share.measured)
    text.add(", at ").strong(percent_text(share.measured)).add(" of the bound at the measured peaks");
  if (share.datasheet)
    text.add((share.measured ? " (" : ", at ") + percent_text(share.datasheet) +
             (share.measured ? " at the datasheet's)" : " of the bound at the datasheet's peaks"));
  if (!stage.withheld.empty()) text.add("; its share of the bound is withheld, since " + stage.withheld);
  text.add(".");
}

/// What was measured and what class it is of: a sentence a case.
void add_limits(Blocks& out, const Summary& s) {
  Bullets bullets;
  for (const CaseSummary& c : s.cases) {
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

void add_figures(Blocks& out, const Summary& s) {
  if (s.models.size() == 1) {
    add_tiles(out, s, s.models.front());
    return add_limits(out, s);
  }
  std::vector<std::string> workloads;
  for (const ModelSummary& model : s.models)
    if (std::ranges::find(workloads, model.workload) == workloads.end()) workloads.push_back(model.workload);
  for (const std::string& workload : workloads) add_table(out, s, workload);
  add_limits(out, s);
}

}  // namespace assay
