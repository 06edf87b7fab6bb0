// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// One case of the report with what the section needs of it.
struct Shown {
  const CaseSummary& summary;
  const CaseResult& result;
  std::string id;     // for figures
  std::string title;  // "batch=1 on AMD EPYC"
};

void add_stack(Blocks& out, const Shown& shown) {
  StackChart chart{.id = "time-" + shown.id,
                   .title = "Where the time goes: " + shown.title,
                   .description = {},
                   .rows = {}};
  for (const StageSummary& stage : shown.summary.stages) {
    if (stage.pieces.empty()) continue;
    StackChart::Row row{
        .label = capitalised(stage.name) + (stage.time_s ? ", " + si_text(*stage.time_s, "s") : ""),
        .pieces = {}};
    chart.description += (chart.description.empty() ? "" : "; ") + stage.name + ": ";
    for (const Piece& piece : stage.pieces) {
      row.pieces.push_back({piece.name, piece.share, percent_text(piece.share), piece.rest});
      chart.description += (row.pieces.size() > 1 ? ", " : "") + piece.name + " " + percent_text(piece.share);
    }
    chart.rows.push_back(std::move(row));
  }
  if (!chart.rows.empty())
    out.push_back(Figure{chart.id, "Share of each operation: " + shown.title, chart.description, svg(chart)});
}

/// Of the peaks that the case's ops are set beside; one that moved is no roof.
void add_roofs(RooflineChart& chart, const CaseSummary& c, const std::set<std::string>& dtypes) {
  const auto find = [&](std::string_view peak) {
    const auto found = std::ranges::find(c.ceilings, peak, &CaseCeiling::peak);
    return found == c.ceilings.end() ? CaseCeiling{} : *found;
  };
  const auto measured = [](const CaseCeiling& ceiling) {
    return ceiling.why.empty() ? ceiling.measured : std::nullopt;
  };
  const CaseCeiling memory = find(name(Path::memory));
  for (const std::string& dtype : dtypes) {
    const CaseCeiling compute = find(dtype);
    const auto add = [&](const std::optional<double>& flops, const std::optional<double>& bytes,
                         bool is_measured) {
      if (flops && bytes && *flops > 0 && *bytes > 0)
        chart.roofs.push_back(
            {.label = dtype + (is_measured ? " measured: " : " datasheet: ") + si_text(*flops, "FLOP/s"),
             .flops_per_s = *flops,
             .bytes_per_s = *bytes,
             .measured = is_measured});
    };
    add(measured(compute), measured(memory), true);
    add(compute.datasheet, memory.datasheet, false);
  }
}

void add_roofline(Blocks& out, const Shown& shown) {
  RooflineChart chart{.id = "roofline-" + shown.id,
                      .title = "Roofline: " + shown.title,
                      .description = {},
                      .series = {},
                      .roofs = {},
                      .points = {}};
  std::set<std::string> dtypes;
  for (const StageResult& stage : shown.result.stages) {
    for (const OpResult& op : stage.ops) {
      if (!op.intensity || !op.flops_per_s || *op.intensity <= 0 || *op.flops_per_s <= 0) continue;
      chart.points.push_back({.label = op.name,
                              .series = chart.series.size(),
                              .intensity = *op.intensity,
                              .flops_per_s = *op.flops_per_s,
                              .weight = op.share.value_or(0)});
      dtypes.insert(op.dtype);
    }
    chart.series.push_back(stage.name);
  }
  add_roofs(chart, shown.summary, dtypes);
  if (chart.points.empty() || chart.roofs.empty()) return;
  chart.description =
      "Operations by FLOP per byte and achieved FLOP/s, larger where more of the stage's time goes. Roofs: ";
  for (const auto& roof : chart.roofs)
    chart.description += (&roof == &chart.roofs.front() ? "" : "; ") + roof.label;
  chart.description += ". Operations without arithmetic are not shown.";
  out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

/// Every stage with what bounds it, beside the estimate that another engine may beat.
void add_stages(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  Table table{
      .caption = "Stages, one iteration each, end to end; bound and op-by-op estimate at the measured peaks",
      .columns = {{"Case", false},
                  {"Stage", false},
                  {"Time", true, "s"},
                  {"Bound", true, "s"},
                  {"Of bound", true, "1"},
                  {"Op-by-op estimate", true, "s"},
                  {"Operations alone add up to", true, "1"}},
      .rows = {}};
  for (const CaseSummary& c : view.cases)
    for (const StageSummary& stage : c.stages)
      if (stage.time_s)
        add_row(table, s, c.device,
                {Text().code(c.short_id), stage.name, quantity_text(stage.time_s, "s"),
                 quantity_text(stage.bound_s, "s"),
                 Cell(percent_text(stage.of_bound.measured), stage.of_bound.measured),
                 quantity_text(stage.ceiling_s, "s"), percent_text(stage.covered)});
  if (!table.rows.empty()) out.push_back(std::move(table));
}

/// What is timed op by op: the cases of this section.
bool has_ops(const CaseResult& one) {
  return std::ranges::any_of(one.stages, [](const StageResult& stage) { return !stage.ops.empty(); });
}

/// Peaks that moved: no roofs of their cases.
void add_withheld(Blocks& out, const View& view) {
  Bullets bullets;
  for (const CaseSummary& c : view.cases)
    for (const CaseCeiling& ceiling : c.ceilings)
      if (!ceiling.why.empty() && !c.stages.empty() && has_ops(view.result_of(c)))
        bullets.items.push_back(case_text(view.summary(), c)
                                    .add(": shares of " + peak_label(ceiling.peak) +
                                         " are withheld, and its roof is not drawn: the peak " + ceiling.why +
                                         "."));
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

}  // namespace

void add_time_section(Blocks& out, const View& view) {
  bool first = true;
  for (const CaseSummary& c : view.cases) {
    const CaseResult& result = view.result_of(c);
    if (c.stages.empty() || !has_ops(result)) continue;
    if (first) {
      out.push_back(Heading{view.level, "Where the time goes"});
      add_stages(out, view);
      add_withheld(out, view);
    }
    first = false;
    const Shown shown{c, result, slug(c.short_id) + "-" + std::to_string(view.number_of(c)),
                      c.short_id + " on " + view.summary().devices[c.device].label};
    add_stack(out, shown);
    add_roofline(out, shown);
  }
}

}  // namespace assay
