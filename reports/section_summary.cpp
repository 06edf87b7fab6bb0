// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"
#include "reports/status_line.h"

namespace assay {
namespace {

constexpr std::size_t kCausesShown = 6;  // of a remedy

/// A remedy, and the cases that need it.
void add_remedies(Bullets& bullets, const Summary& s) {
  for (const Remedy& remedy : s.warnings) {
    Text text;
    if (!remedy.remedy.empty()) text.strong(capitalised(remedy.remedy)).add(". ");
    for (std::size_t i = 0; i < std::min(kCausesShown, remedy.causes.size()); ++i) {
      const Remedy::Cause& cause = remedy.causes[i];
      if (i > 0) text.add("; ");
      for (const std::size_t c : cause.cases) {
        text.add(c == cause.cases.front() ? "" : ", ").code(s.cases[c].short_id);
        if (s.devices.size() > 1) text.add(" on " + s.devices[s.cases[c].device].label);
      }
      text.add(": " + cause.text);
    }
    if (remedy.causes.size() > kCausesShown) text.add("; and more, in the result file");
    bullets.items.push_back(text.add("."));
  }
}

void add_outcome(Blocks& out, const Summary& s) {
  Text text;
  if (!s.common_id.empty()) text.add("All cases are of ").code(s.common_id).add(". ");
  const auto all = std::ssize(s.cases);
  if (all > s.ok) {
    text.add(count_text(s.ok) + " of " + counted(all, "case") + (s.ok == 1 ? " is" : " are") + " measured");
    if (s.not_a_measurement > 0)
      text.add(", " + count_text(s.not_a_measurement) +
               (s.not_a_measurement == 1 ? " is not a measurement" : " are not a measurement"));
    if (s.skipped > 0)
      text.add(", " + count_text(s.skipped) + (s.skipped == 1 ? " was skipped" : " were skipped"));
    if (s.failed > 0) text.add(", ").add(count_text(s.failed) + " failed", Span::Style::bad);
    text.add(". ");
  }
  if (s.ops_passed + s.ops_failed > 0) {
    text.add("Every operation was checked against a float64 reference before it was timed: ");
    if (s.ops_failed == 0) {
      text.add(counted(s.ops_passed, "distinct operation") + " passed", Span::Style::good);
    } else {
      text.add(counted(s.ops_failed, "operation") + " gave wrong numbers", Span::Style::bad);
      text.add(" and " + count_text(s.ops_passed) + " passed");
    }
    text.add(", " + count_text(s.elements_checked) + " output elements compared");
    if (!s.verified.empty() && s.verified.front().used)
      text.add(
          "; the one nearest to its tolerance used " + percent_text(s.verified.front().used) + " of it" +
          (s.verified.front().one_rounding
               ? ", where one rounding of what it stores, which nothing can avoid, is the whole allowance"
               : ""));
    text.add(".");
  }
  if (!text.spans.empty()) out.push_back(Paragraph{text});
}

void add_certainty(Blocks& out, const Summary& s) {
  Text text;
  if (s.widest_interval) {
    text.add("How sure: the widest 95 % interval of a headline figure is " + plus_minus(s.widest_interval) +
             " of its value");
    text.add(s.not_converged == 0
                 ? "."
                 : "; " + counted(s.not_converged, "figure") + (s.not_converged == 1 ? " did" : " do") +
                       " not reach the precision asked for.");
  }
  if (s.fewest_sessions == 1)
    text.add(
        " Intervals of one session hold for that session: the next may differ by more, which "
        "/measure/sessions of "
        "6 or more puts into them.");
  if (s.worst_drift) {
    const Drift& d = *s.worst_drift;
    text.add(" Peaks probed before and after the run differ by at most " + change_text(d.change) + " (" +
             peak_label(d.peak) + " of " + s.devices[d.device].label + "): " +
             quantity_text(d.before, d.unit) + " before, " + quantity_text(d.after, d.unit) + " after.");
  }
  if (!text.spans.empty()) out.push_back(Paragraph{text});
}

/// Each note of a plan once, with the cases that it is of.
void add_notes(Bullets& bullets, const ReportInput& input) {
  std::vector<std::pair<std::string, Text>> notes;
  std::map<std::string, std::size_t> known;
  std::set<std::pair<std::size_t, std::string>> said;  // a case on two devices is named once
  for (const CaseSummary& c : input.summary.cases)
    for (const std::string& note : input.results[c.result].cases[c.index].notes) {
      const std::size_t at = known.try_emplace(note, notes.size()).first->second;
      if (at == notes.size()) notes.emplace_back(note, Text());
      Text& cases = notes[at].second;
      if (said.insert({at, c.short_id}).second) cases.add(cases.spans.empty() ? "" : ", ").code(c.short_id);
    }
  for (auto& [note, cases] : notes) bullets.items.push_back(cases.add(": " + note));
}

void add_trouble(Blocks& out, const ReportInput& input) {
  Bullets skipped, warnings;
  for (const CaseSummary& c : input.summary.cases)
    if (c.status != CaseStatus::ok)
      skipped.items.push_back(Text()
                                  .code(c.short_id)
                                  .add(" on " + input.summary.devices[c.device].label + ", ")
                                  .strong(spaced(name_of(c.status)))
                                  .add(": " + c.reason.value_or("no reason was given")));
  add_remedies(warnings, input.summary);
  for (const Result& result : input.results)
    for (const std::string& warning : result.warnings) warnings.items.push_back(Text(capitalised(warning)));
  add_notes(warnings, input);
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
  out.push_back(status_line(input.status, input.summary.usable));
  out.push_back(Heading{2, "Summary"});
  add_answers(out, input.summary);
  add_outcome(out, input.summary);
  add_certainty(out, input.summary);
  add_trouble(out, input);
}

}  // namespace assay
