// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

constexpr std::size_t kCausesShown = 6;  // of a remedy

void add_usability(Blocks& out, const Summary& s) {
  const Usability& u = s.usable;
  Text text;
  if (u.verdict == Usable::usable) {
    text.add(std::string(usable_text(u.verdict)), Span::Style::good);
    text.add(": " + count_text(u.measured) + " of " + counted(u.cases, "case") +
             " measured, nothing disturbed them.");
    out.push_back(Notice{Notice::Tone::good, text});
    return;
  }
  const bool care = u.verdict == Usable::with_care;
  text.add(std::string(usable_text(u.verdict)), care ? Span::Style::strong : Span::Style::bad);
  text.add(": " + join(u.reasons, "; ") + ".");
  out.push_back(Notice{care ? Notice::Tone::care : Notice::Tone::bad, text});
}

/// A remedy, and the cases that need it.
void add_warnings(Blocks& out, const Summary& s) {
  Bullets bullets;
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
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

void add_outcome(Blocks& out, const Summary& s) {
  Text text;
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
  std::vector<std::pair<std::string, std::vector<std::string>>> notes;
  for (const CaseSummary& c : input.summary.cases)
    for (const std::string& note : input.results[c.result].cases[c.index].notes) {
      auto at = std::ranges::find_if(notes, [&](const auto& seen) { return seen.first == note; });
      if (at == notes.end()) at = notes.insert(at, {note, {}});
      auto& cases = at->second;
      if (std::ranges::find(cases, c.short_id) == cases.end()) cases.push_back(c.short_id);
    }
  for (const auto& [note, cases] : notes) {
    Text text;
    for (const std::string& id : cases) text.add(&id == &cases.front() ? "" : ", ").code(id);
    bullets.items.push_back(text.add(": " + note));
  }
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
  for (const Result& result : input.results) {
    if (result.status != RunStatus::complete)
      warnings.items.push_back(
          Text(capitalised(progress_text(result) + "; this report holds what was measured until then.")));
    for (const std::string& warning : result.warnings) warnings.items.push_back(Text(capitalised(warning)));
  }
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
  out.push_back(Heading{2, "Summary"});
  add_usability(out, input.summary);
  add_warnings(out, input.summary);
  add_run_table(out, input);
  add_figures(out, input.summary);
  add_outcome(out, input.summary);
  add_certainty(out, input.summary);
  add_trouble(out, input);
}

}  // namespace assay
