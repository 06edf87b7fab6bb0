// SPDX-License-Identifier: Apache-2.0
// What binds the stages of two results, side by side, and their operations under the roofs of both.
#include <algorithm>
#include <set>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/comparison_sections.h"
#include "reports/escape.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

/// Points of one result, and the roofs over the dtypes of their ops. A peak that moved is no roof.
void add_side(RooflineChart& chart, const CaseResult& one, const std::vector<CaseCeiling>& ceilings) {
  const std::size_t series = chart.series.size() - 1;
  std::set<std::string> dtypes;
  for (const StageResult& stage : one.stages)
    for (const OpResult& op : stage.ops) {
      if (!op.intensity || !op.flops_per_s || *op.intensity <= 0 || *op.flops_per_s <= 0) continue;
      chart.points.push_back({.label = stage.name + " " + op.name,
                              .series = series,
                              .intensity = *op.intensity,
                              .flops_per_s = *op.flops_per_s,
                              .weight = op.share.value_or(0)});
      dtypes.insert(op.dtype);
    }
  const auto peak = [&](std::string_view name) {
    const auto found = std::ranges::find(ceilings, name, &CaseCeiling::peak);
    return found == ceilings.end() || !found->why.empty() ? std::nullopt : found->measured;
  };
  const auto bytes = peak(name(Path::memory));
  for (const std::string& dtype : dtypes)
    if (const auto flops = peak(dtype); flops && bytes && *flops > 0 && *bytes > 0)
      chart.roofs.push_back({.label = chart.series.back() + ", " + dtype + ": " + si_text(*flops, "FLOP/s") +
                                      ", " + si_text(*bytes, "B/s"),
                             .flops_per_s = *flops,
                             .bytes_per_s = *bytes,
                             .measured = true,
                             .series = series});
}

void add_roofline(Blocks& out, const ComparisonInput& input, const Against& a, const RooflinePair& pair) {
  const ComparedCase& c = a.cases[pair.index];
  RooflineChart chart{.id = "roofline-" + slug(c.short_id) + "-" + std::to_string(a.result),
                      .title = "Roofline of both: " + c.short_id,
                      .description = {},
                      .series = {input.comparison.results.front().label},
                      .roofs = {},
                      .points = {}};
  add_side(chart, input.results.front().cases[c.base_index], pair.base);
  chart.series.push_back(input.comparison.results[a.result].label);
  add_side(chart, input.results[a.result].cases[c.other_index], pair.other);
  if (chart.roofs.empty()) return;
  chart.description =
      "Operations of both results by FLOP per byte and achieved FLOP/s, larger where more of the stage's "
      "time goes. "
      "Measured roofs: ";
  for (const auto& roof : chart.roofs)
    chart.description += (&roof == &chart.roofs.front() ? "" : "; ") + roof.label;
  out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

}  // namespace

void add_bounds_section(Blocks& out, const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  Blocks blocks;
  for (const Against& a : all.others) {
    Table table{
        .caption = caption(all, a,
                           "what binds most of a stage's time, and its bound at the measured peaks as "
                           "a share of its time"),
        .columns = {{"Case", false},
                    {"Stage", false},
                    {"Baseline", true},
                    {"Other", true},
                    {"Baseline bound by", false},
                    {"Other bound by", false},
                    {"Baseline of bound", true},
                    {"Other of bound", true}},
        .rows = {}};
    std::size_t rows = 0;
    for (const ComparedCase& c : a.cases)
      for (const StagePair& s : c.stages) {
        if (!s.base_bound && !s.other_bound && !s.base_of_bound && !s.other_of_bound) continue;
        if (++rows > kRowsShown) continue;
        table.rows.push_back({case_text(a, c), s.stage, quantity_text(s.base_s, "s"),
                              quantity_text(s.other_s, "s"), bound_text(s.base_bound),
                              bound_text(s.other_bound), Cell(percent_text(s.base_of_bound), s.base_of_bound),
                              Cell(percent_text(s.other_of_bound), s.other_of_bound)});
      }
    if (!table.rows.empty()) blocks.push_back(std::move(table));
    add_rest(blocks, kRowsShown, rows);
    for (const RooflinePair& pair : a.rooflines) add_roofline(blocks, input, a, pair);
  }
  if (blocks.empty()) return;
  out.push_back(Heading{2, "What binds"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
