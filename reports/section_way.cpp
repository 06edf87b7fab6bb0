// SPDX-License-Identifier: Apache-2.0
// Passes that begin on the host: the stages in their order as a bar, and whether the host can keep the device
// busy.
#include "base/units.h"
#include "reports/charts.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::string place_text(Place place, bool one_cpu) {
  if (one_cpu) return "the CPU";
  return place == Place::host ? "the host's CPU" : "the device";
}

/// "decoding keeps the device waiting: ..." or what would.
Text verdict(const CaseSummary& c, const Summary& s) {
  const WaySummary& way = *c.way;
  Text text = case_text(s, c);
  text.add(": ");
  if (!way.binds) {
    text.add("host and device are the same CPU; the host's stages take " + quantity_text(way.host_s, "s") +
             " of a pass, the others " + quantity_text(way.device_s, "s"));
  } else if (*way.binds == Place::host) {
    text.strong("the host binds")
        .add(": its stages take " + quantity_text(way.host_s, "s") + " of a batch on " +
             counted(way.cores, "core") + ", the device " + quantity_text(way.device_s, "s"));
  } else {
    text.strong("the device binds")
        .add(": it takes " + quantity_text(way.device_s, "s") + " of a batch, the host " +
             quantity_text(way.host_s, "s") + " on " + counted(way.cores, "core"));
  }
  if (way.core_s_per_item)
    text.add("; " + quantity_text(way.core_s_per_item, "s") + " of a core for each " + way.item);
  if (way.cores_to_feed)
    text.add("; " + number_text(*way.cores_to_feed) + " cores like these would keep it busy");
  return text.add(".");
}

}  // namespace

void add_way_section(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  StackChart chart{.id = "way-" + view.id, .title = "The way of a batch", .description = {}, .rows = {}};
  Bullets verdicts;
  Table table{.caption = "Stages of a pass, one after the other",
              .columns = {{"Case", false},
                          {"Stage", false},
                          {"Where", false},
                          {"Time", true, "s"},
                          {"Share", true, "1"}},
              .rows = {}};
  for (const CaseSummary& c : view.cases) {
    if (!c.way) continue;
    const bool one_cpu = !c.way->binds.has_value();
    verdicts.items.push_back(verdict(c, s));
    const std::string label = c.short_id + (s.devices.size() > 1 ? " on " + s.devices[c.device].label : "");
    StackChart::Row row{.label = label, .pieces = {}};
    chart.description += (chart.description.empty() ? "" : "; ") + label + ": ";
    for (const WaySummary::Piece& piece : c.way->pieces) {
      row.pieces.push_back({piece.stage, piece.share, si_text(piece.time_s, "s"), false});
      chart.description +=
          (row.pieces.size() > 1 ? ", " : "") + piece.stage + " " + percent_text(piece.share);
      add_row(table, s, c.device,
              {Text().code(c.short_id), piece.stage, place_text(piece.place, one_cpu),
               si_text(piece.time_s, "s"), Cell(percent_text(piece.share), piece.share)});
    }
    chart.rows.push_back(std::move(row));
  }
  if (chart.rows.empty()) return;
  out.push_back(Heading{view.level, "The way from the host to answers"});
  out.push_back(std::move(verdicts));
  out.push_back(Figure{chart.id, "Stages of a pass in their order", chart.description, svg(chart)});
  out.push_back(std::move(table));
}

}  // namespace assay
