// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::string limited_by(const std::string& bound) {
  if (bound == "memory") return "memory bandwidth";
  if (bound == "compute") return "arithmetic";
  if (bound == "launch") return "launching kernels";
  if (bound == "transfer") return "transfers";
  return "what is not known";
}

constexpr double kWorthNaming = 0.05;  // share of a stage's time

void add_outcome(Blocks& out, const Summary& s) {
  Text text;
  const std::int64_t all = s.ok + s.skipped + s.failed;
  if (all == 0) {
    text.add("No case was run.");
  } else if (s.ok == all) {
    text.add(all == 1   ? "The one case ran to its end."
             : all == 2 ? "Both cases ran to their end."
                        : "All " + counted(all, "case") + " ran to their end.");
  } else {
    text.add(count_text(s.ok) + " of " + counted(all, "case") + " ran to the end");
    if (s.skipped > 0)
      text.add(", " + count_text(s.skipped) + (s.skipped == 1 ? " was skipped" : " were skipped"));
    if (s.failed > 0) text.add(", ").add(count_text(s.failed) + " failed", Span::Style::bad);
    text.add(".");
  }
  if (s.ops_passed + s.ops_failed > 0) {
    text.add(" Every operation was checked against a float64 reference before it was timed: ");
    if (s.ops_failed == 0) {
      text.add(counted(s.ops_passed, "distinct operation") + " passed", Span::Style::good);
    } else {
      text.add(counted(s.ops_failed, "operation") + " gave wrong numbers", Span::Style::bad);
      text.add(" and " + count_text(s.ops_passed) + " passed");
    }
    text.add(", " + count_text(s.elements_checked) + " output elements compared");
    if (!s.verified.empty() && s.verified.front().used)
      text.add("; the one nearest to its tolerance used " + percent_text(s.verified.front().used) + " of it");
    text.add(".");
  }
  out.push_back(Paragraph{text});
}

void add_tiles(Blocks& out, const Summary& s) {
  Tiles tiles;
  for (const BestFigure& best : s.best) {
    const CaseSummary& c = s.cases[best.case_index];
    const Headline& h = c.headlines[best.headline_index];
    std::string note = best.of_cases == 1 ? ""
                                          : std::string(h.better == "lower" ? "lowest" : "highest") + " of " +
                                                count_text(best.of_cases) + ": " + c.short_id;
    if (best.of_cases > 1 && s.devices.size() > 1) note += ", " + s.devices[c.device].label;
    if (h.half_width) note += (note.empty() ? "" : ", ") + interval_text(h);
    tiles.tiles.push_back({metric_label(h.metric), metric_text(h), note});
  }
  if (!tiles.tiles.empty()) out.push_back(tiles);
}

/// "Decode takes 57.1 ms and runs at 90.5 % of what ... ; its operations are limited by memory bandwidth (97
/// % ...)."
void add_stage(Text& text, const StageSummary& stage) {
  text.strong(capitalised(stage.name)).add(" takes " + quantity_text(stage.time_s, "s"));
  if (stage.of_peak.measured)
    text.add(" and runs at ")
        .strong(percent_text(stage.of_peak.measured))
        .add(" of what the peaks measured on this machine allow");
  if (stage.of_peak.datasheet)
    text.add(stage.of_peak.measured ? " (" : " and runs at ")
        .add(percent_text(stage.of_peak.datasheet) + " by the datasheet's" +
             (stage.of_peak.measured ? ")" : " peaks"));
  std::string bounds;
  for (const BoundShare& b : stage.bounds)
    if (b.share >= kWorthNaming)
      bounds += (bounds.empty() ? "; its operations are limited by " : ", ") + limited_by(b.bound) + " (" +
                percent_text(b.share) + (bounds.empty() ? " of their time)" : ")");
  text.add(bounds + ".");
}

/// What was measured and what limits it, for the first case that ran on each device.
void add_limits(Blocks& out, const Summary& s) {
  Bullets bullets;
  std::vector<std::size_t> done;
  for (const CaseSummary& c : s.cases) {
    if (c.status != "ok" || std::find(done.begin(), done.end(), c.device) != done.end()) continue;
    done.push_back(c.device);
    Text text;
    text.strong(s.devices[c.device].label).add(", ").code(c.short_id).add(": ");
    for (const StageSummary& stage : c.stages)
      if (stage.time_s) {
        add_stage(text, stage);
        text.add(&stage == &c.stages.back() ? "" : " ");
      }
    bullets.items.push_back(text);
  }
  if (!bullets.items.empty()) out.push_back(bullets);
}

void add_certainty(Blocks& out, const Summary& s) {
  Text text;
  if (s.widest_interval) {
    text.add("How sure: the widest 95 % interval of a headline figure is " + plus_minus(s.widest_interval) +
             " of its median");
    text.add(s.not_converged == 0 ? "."
                                  : "; " + counted(s.not_converged, "figure") +
                                        " ran out of time before the interval was as narrow as asked for.");
  }
  if (s.worst_drift) {
    const Drift& d = *s.worst_drift;
    text.add(" Peaks probed before and after the run differ by at most " + change_text(d.change) + " (" +
             peak_label(d.peak) + " of " + s.devices[d.device].label + "): " +
             quantity_text(d.before, d.unit) + " before, " + quantity_text(d.after, d.unit) + " after.");
  }
  if (!text.spans.empty()) out.push_back(Paragraph{text});
}

void add_trouble(Blocks& out, const ReportInput& input) {
  Bullets skipped, warnings;
  for (const CaseSummary& c : input.summary.cases)
    if (c.status != "ok")
      skipped.items.push_back(Text()
                                  .code(c.short_id)
                                  .add(" on " + input.summary.devices[c.device].label + " " + c.status +
                                       ": " + c.reason.value_or("no reason was given")));
  for (const Result& result : input.results) {
    if (result.status != "complete")
      warnings.items.push_back(Text("The run did not end: this report holds what was measured until then."));
    for (const std::string& warning : result.warnings) warnings.items.push_back(Text(capitalised(warning)));
  }
  for (const std::string& note : input.summary.notes) warnings.items.push_back(Text(capitalised(note)));
  if (!skipped.items.empty()) {
    out.push_back(Heading{3, "Not measured"});
    out.push_back(skipped);
  }
  if (!warnings.items.empty()) {
    out.push_back(Heading{3, "Read with care"});
    out.push_back(warnings);
  }
}

}  // namespace

void add_summary_section(Blocks& out, const ReportInput& input) {
  out.push_back(Heading{2, "Summary"});
  add_outcome(out, input.summary);
  add_tiles(out, input.summary);
  add_limits(out, input.summary);
  add_certainty(out, input.summary);
  add_trouble(out, input);
}

}  // namespace assay
