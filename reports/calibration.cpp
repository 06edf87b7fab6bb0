// SPDX-License-Identifier: Apache-2.0
// What a calibration found, and what a plan needs.
#include <fmt/format.h>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/verdict.h"

namespace assay {
namespace {

std::string kind_text(const CalibratedKind& kind) {
  return kind.turns ? counted(kind.pairs, "interleaved pair") + " of " + count_text(kind.sessions) +
                          " sessions a side"
                    : counted(kind.results, "run") + " of " + count_text(kind.sessions) + " sessions, " +
                          counted(kind.pairs, "pair");
}

Table table_of(const CalibratedKind& kind) {
  Table table{.caption = kind_text(kind),
              .columns = {{"Case", false},
                          {"Figure", false},
                          {"Noise floor", true},
                          {"Allowed", true},
                          {"Caught with 95 %", true},
                          {"False alarms", true},
                          {"Between sessions", true},
                          {"Between runs", true}},
              .rows = {}};
  for (const CalibratedFigure& f : kind.figures)
    table.rows.push_back(
        {Text().code(f.case_id), metric_label(f.metric), percent_text(f.floor), percent_text(f.bound),
         f.caught_loss ? percent_text(*f.caught_loss) : std::string("never"), percent_text(f.alarms),
         percent_text(f.within), kind.turns ? std::string(kUnknown) : percent_text(f.between)});
  return table;
}

}  // namespace

Document calibration_document(const Calibration& calibration) {
  Document document{
      .title = "Calibration of a gate", .subtitle = calibration.limits.calibrated_on, .blocks = {}};
  for (const CalibratedKind& kind : calibration.kinds) {
    document.blocks.push_back(Heading{2, kind.turns ? "Interleaved" : "Runs one after the other"});
    document.blocks.push_back(Paragraph{Text(
        fmt::format("Of {} suites resampled by session {} without a change failed ({} wanted at most), and "
                    "of {} it could not be "
                    "told{}.",
                    count_text(kind.suites), percent_text(kind.alarms),
                    percent_text(calibration.limits.false_alarms), percent_text(kind.undecided),
                    kind.held_out ? ", each half judged by bounds that were made from the other" : ""))});
    document.blocks.push_back(table_of(kind));
  }
  Bullets notes;
  for (const std::string& note : calibration.notes) notes.items.emplace_back(capitalised(note) + ".");
  if (!notes.items.empty()) document.blocks.push_back(std::move(notes));
  document.blocks.push_back(
      Paragraph{"Noise floor: the 95th percentile of how far figures of two results lie apart although "
                "nothing changed. "
                "Allowed: losses up to here pass. Caught with 95 %: the smallest loss, in every draw, that "
                "fails in 95 of 100 "
                "suites; \"never\" where so few sessions cannot be significant."});
  return document;
}

Document plan_document(std::span<const Planned> plans, double loss) {
  Document document{.title = "Sessions that a loss of " + percent_text(loss) + " needs",
                    .subtitle = "a side, to be caught with 95 %",
                    .blocks = {}};
  Table table{.caption = "",
              .columns = {{"Case", false},
                          {"Figure", false},
                          {"Measured", false},
                          {"Sessions", true},
                          {"Time a side", true}},
              .rows = {}};
  for (const Planned& plan : plans)
    table.rows.push_back({Text().code(plan.case_id), metric_label(plan.metric),
                          plan.turns ? "interleaved" : "one after the other",
                          plan.sessions ? count_text(*plan.sessions) : plan.why,
                          plan.seconds ? duration_text(*plan.seconds) : std::string(kUnknown)});
  document.blocks.push_back(std::move(table));
  return document;
}

}  // namespace assay
