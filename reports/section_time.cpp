// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
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
    out.push_back(Figure{chart.id, "Share of each operation", chart.description, svg(chart)});
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
  out.push_back(Figure{chart.id, "Roofline", chart.description, svg(chart)});
}

Table ops_table(const StageResult& stage, const StageSummary& summary, const std::optional<double>& floor_s,
                const DeviceSummary& device) {
  std::string caption = capitalised(stage.name);
  if (stage.place == Place::host) caption += ", on the host that feeds the device";
  if (stage.times > 1) caption += ", one of " + count_text(stage.times) + " iterations";
  if (summary.time_s) caption += ": " + quantity_text(summary.time_s, "s") + " end to end";
  if (summary.bound_s) caption += "; bound " + si_text(*summary.bound_s, "s") + " at the measured peaks";
  if (summary.ceiling_s)
    caption += std::string(summary.bound_s ? ", " : "; ") + "op-by-op estimate " +
               si_text(*summary.ceiling_s, "s") + (summary.bound_s ? "" : " at the measured peaks");
  if (summary.covered)
    caption += "; its operations timed alone add up to " + percent_text(summary.covered) + " of that time";
  Table table{.caption = caption,
              .columns = {{"Operation", false},
                          {"Kernel", false},
                          {"Calls", true},
                          {"Time of a call", true},
                          {"Share", true},
                          {"Bound by", false},
                          {"Compute", true},
                          {"Memory", true},
                          {"Of measured peak", true},
                          {"Of datasheet", true}},
              .rows = {}};
  std::vector<std::size_t> order(stage.ops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>{},
                           [&](std::size_t i) { return stage.ops[i].share.value_or(0); });
  for (const std::size_t i : order) {
    const OpResult& op = stage.ops[i];
    Text time(op.time_s ? quantity_text(op.time_s->value, "s") : std::string(kUnknown));
    if (std::ranges::find(summary.near_floor, i) != summary.near_floor.end())
      time.add("shortest launch " + quantity_text(floor_s, "s"), Span::Style::detail);
    Text of_peak(percent_text(op.of_peak.measured));
    if (std::ranges::find(summary.in_cache, i) != summary.in_cache.end())
      of_peak.add("its data fit the cache of " + bytes_text(static_cast<double>(device.cache_bytes)),
                  Span::Style::detail);
    table.rows.push_back({Text().strong(op.name).add(op.kind + " " + op.shape, Span::Style::detail),
                          op.kernel, count_text(op.calls), time, Cell(percent_text(op.share), op.share),
                          bound_text(op.bound), quantity_text(op.flops_per_s, "FLOP/s"),
                          quantity_text(op.bytes_per_s, "B/s"), of_peak, percent_text(op.of_peak.datasheet)});
  }
  return table;
}

void add_withheld(Blocks& out, const CaseSummary& c) {
  for (const CaseCeiling& ceiling : c.ceilings)
    if (!ceiling.why.empty())
      out.push_back(
          Paragraph{Text("Shares of " + peak_label(ceiling.peak) +
                         " are withheld, and its roof is not drawn: the peak " + ceiling.why + ".")});
}

}  // namespace

void add_time_section(Blocks& out, const ReportInput& input) {
  bool first = true;
  for (std::size_t i = 0; i < input.summary.cases.size(); ++i) {
    const CaseSummary& c = input.summary.cases[i];
    const CaseResult& result = input.results[c.result].cases[c.index];
    if (c.stages.empty() || std::ranges::all_of(result.stages, [](const auto& s) { return s.ops.empty(); }))
      continue;
    if (first) out.push_back(Heading{2, "Where the time goes"});
    first = false;
    const DeviceSummary& device = input.summary.devices[c.device];
    const Shown shown{c, result, slug(c.short_id) + "-" + std::to_string(i + 1),
                      c.short_id + " on " + device.label};
    out.push_back(Heading{3, shown.title});
    add_stack(out, shown);
    add_roofline(out, shown);
    add_withheld(out, c);
    for (std::size_t s = 0; s < result.stages.size(); ++s)
      if (!result.stages[s].ops.empty())
        out.push_back(ops_table(result.stages[s], c.stages[s], c.floor_s, device));
  }
}

}  // namespace assay
