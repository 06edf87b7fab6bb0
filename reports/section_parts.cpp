// SPDX-License-Identifier: Apache-2.0
// Models that have parts as their readers think of them (a recommender: embedding, interaction, dense): what
// each takes, which of them binds, and how lookups fare. Knows no part by name.
#include <algorithm>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

/// A stage of a case that has parts or lookups.
struct Shown {
  const CaseSummary& c;
  const StageSummary& stage;
  const StageResult& result;
};

std::vector<Shown> shown_of(const View& view) {
  std::vector<Shown> all;
  for (const CaseSummary& c : view.cases) {
    const CaseResult& result = view.result_of(c);
    for (std::size_t s = 0; s < c.stages.size(); ++s)
      if (!c.stages[s].parts.empty() || !c.stages[s].lookups.empty())
        all.push_back({c, c.stages[s], result.stages[s]});
  }
  return all;
}

std::string label_of(const Shown& shown, const Summary& s) {
  return shown.c.short_id + (s.devices.size() > 1 ? " on " + s.devices[shown.c.device].label : "");
}

const PartSummary& largest(const StageSummary& stage) {
  return *std::ranges::max_element(stage.parts, {}, &PartSummary::share);
}

/// "dense takes most: 58 % of the time, 97 % of it compute-bound, at 80 % of the measured peaks"
Text what_binds(const Shown& shown, const Summary& s) {
  const PartSummary& part = largest(shown.stage);
  Text text = case_text(s, shown.c);
  text.add(": ").strong(part.name + " takes most").add(", ");
  text.add(percent_text(part.share) + " of the operations' time");
  if (part.bound == Bound::launch)
    text.add(", " + percent_text(part.of_bound) + " of it as short as launches");
  else if (part.bound)
    text.add(", " + percent_text(part.of_bound) + " of it " + bound_text(part.bound) +
             "-bound by its counts");
  if (part.of_peak) text.add(", at " + percent_text(part.of_peak) + " of the measured peaks");
  if (shown.stage.item_energy_j)
    text.add("; " + quantity_text(shown.stage.item_energy_j, "J") + " a " + shown.result.item);
  return text.add(".");
}

void add_binding(Blocks& out, const std::vector<Shown>& all, const Summary& s) {
  Bullets bullets;
  for (const Shown& shown : all)
    if (!shown.stage.parts.empty()) bullets.items.push_back(what_binds(shown, s));
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

void add_chart(Blocks& out, const std::vector<Shown>& all, const View& view) {
  StackChart chart{
      .id = "parts-" + view.id, .title = "Where a batch's time goes", .description = {}, .rows = {}};
  for (const Shown& shown : all) {
    if (shown.stage.parts.empty()) continue;
    const std::string label = label_of(shown, view.summary());
    StackChart::Row row{.label = label + (shown.stage.time_s ? ", " + si_text(*shown.stage.time_s, "s") : ""),
                        .pieces = {}};
    chart.description += (chart.description.empty() ? "" : "; ") + label + ": ";
    for (const PartSummary& part : shown.stage.parts) {
      row.pieces.push_back({part.name, part.share, percent_text(part.share), false});
      chart.description += (row.pieces.size() > 1 ? ", " : "") + part.name + " " + percent_text(part.share);
    }
    chart.rows.push_back(std::move(row));
  }
  if (!chart.rows.empty())
    out.push_back(Figure{chart.id, "Share of each part of the model", chart.description, svg(chart)});
}

void add_parts(Blocks& out, const std::vector<Shown>& all, const Summary& s) {
  Table table{.caption = "Parts of the model: their operations, each timed alone and cold, added up",
              .columns = {{"Case", false},
                          {"Part", false},
                          {"Time", true, "s"},
                          {"Share", true, "1"},
                          {"Mostly bound by", false},
                          {"Of measured peak", true, "1"}},
              .rows = {}};
  for (const Shown& shown : all)
    for (const PartSummary& part : shown.stage.parts)
      add_row(
          table, s, shown.c.device,
          {Text().code(shown.c.short_id), part.name, si_text(part.time_s, "s"),
           Cell(percent_text(part.share), part.share), bound_text(part.bound), percent_text(part.of_peak)});
  if (!table.rows.empty()) out.push_back(std::move(table));
}

std::vector<Cell> lookup_row(const Shown& shown, const LookupSummary& lookup) {
  const OpResult& op = shown.result.ops[lookup.op];
  const RandomReadsResult& reads = *op.random_reads;
  Text rows(count_text(reads.rows));
  rows.add(
      count_text(reads.distinct_rows) + " different, of " + bytes_text(static_cast<double>(reads.row_bytes)),
      Span::Style::detail);
  Text of_peak(percent_text(reads.of_peak));
  if (reads.peak_bytes_per_s)
    of_peak.add("of " + quantity_text(reads.peak_bytes_per_s, "B/s"), Span::Style::detail);
  Text live(reads.path == Path::memory ? "the device's memory" : "the host's memory");
  if (reads.table_bytes > 0)
    live.add("tables of " + bytes_text(static_cast<double>(reads.table_bytes)), Span::Style::detail);
  Text name = Text().code(shown.c.short_id);
  name.add(op.name, Span::Style::detail).add(shown.c.conditions, Span::Style::detail);
  Text cacheable(percent_text(lookup.cacheable));
  if (lookup.cacheable)
    cacheable.add("in " + bytes_text(static_cast<double>(lookup.cache_bytes)), Span::Style::detail);
  return {name,
          live,
          rows,
          quantity_text(reads.rows_per_s, "rows/s"),
          quantity_text(reads.bytes_per_s, "B/s"),
          of_peak,
          percent_text(reads.of_streaming),
          cacheable,
          !lookup.from_cache       ? std::string(kUnknown)
          : *lookup.from_cache > 0 ? "at least " + percent_text(lookup.from_cache)
                                   : "none seen"};
}

void add_lookups(Blocks& out, const std::vector<Shown>& all, const Summary& s) {
  Table table{.caption = "Lookups: rows read where ids say",
              .columns = {{"Case", false},
                          {"Rows live in", false},
                          {"Rows a batch", true},
                          {"Looked up", true, "rows/s"},
                          {"Read", true, "B/s"},
                          {"Of random reads' peak", true, "1"},
                          {"Of streaming's", true, "1"},
                          {"A cache could serve", true},
                          {"Caches served", true}},
              .rows = {}};
  for (const Shown& shown : all)
    for (const LookupSummary& lookup : shown.stage.lookups)
      add_row(table, s, shown.c.device, lookup_row(shown, lookup));
  if (!table.rows.empty()) out.push_back(std::move(table));
}

}  // namespace

void add_parts_section(Blocks& out, const View& view) {
  const std::vector<Shown> all = shown_of(view);
  if (all.empty()) return;
  out.push_back(Heading{view.level, "Parts of the model, and its lookups"});
  add_binding(out, all, view.summary());
  add_chart(out, all, view);
  add_parts(out, all, view.summary());
  add_lookups(out, all, view.summary());
}

}  // namespace assay
