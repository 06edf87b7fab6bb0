// SPDX-License-Identifier: Apache-2.0
// Whether the machines were fit to be measured, and what was left out and why.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCausesNamed = 3, kExcluded = 40;

/// A row for each thing that was looked at: what was found, and whether it is well.
class Checks {
 public:
  void add(std::string what, bool well, std::string found, std::string detail = {}) {
    Text verdict = well ? Text().add("in order", Span::Style::good) : Text().strong("to be noted");
    table_.rows.push_back(
        {std::move(what), verdict, Text(std::move(found)).add(std::move(detail), Span::Style::detail)});
  }
  Table take() { return std::move(table_); }

 private:
  Table table_{.caption = "What was looked at",
               .columns = {{"Check", false}, {"Verdict", false}, {"Found", false}},
               .rows = {}};
};

void add_verification(Checks& checks, const Summary& s) {
  if (s.ops_passed + s.ops_failed > 0)
    checks.add("Numbers are right", s.ops_failed == 0,
               s.ops_failed == 0 ? counted(s.ops_passed, "distinct operation") +
                                       " checked against a float64 reference before being timed"
                                 : counted(s.ops_failed, "operation") + " gave wrong numbers",
               count_text(s.elements_checked) + " output elements compared");
  if (s.in_situ_cases > 0)
    checks.add("Whole passes are right", s.in_situ_failures.empty(),
               counted(s.in_situ_cases, "case") + " checked step by step with what was really in memory",
               join(s.in_situ_failures, "; "));
  if (!s.comparisons.empty())
    checks.add("Devices agree", s.disagreements == 0,
               s.disagreements == 0 ? "no output differs by more than its tolerance"
                                    : counted(s.disagreements, "output") + " differ");
}

void add_measuring(Checks& checks, const Summary& s) {
  checks.add("Cases measured", s.usable.measured == s.usable.cases,
             count_text(s.usable.measured) + " of " + counted(s.usable.cases, "case"));
  checks.add("Nothing disturbed them", s.usable.disturbed == 0,
             s.usable.disturbed == 0 ? "no case has a warning"
                                     : counted(s.usable.disturbed, "case") + " of them disturbed");
  if (s.worst_drift)
    checks.add("Peaks stood still", std::fabs(s.worst_drift->change) <= kPeakMoved,
               "the largest change from before to after: " + peak_label(s.worst_drift->peak) + " by " +
                   change_text(s.worst_drift->change));
  if (s.widest_interval)
    checks.add("Intervals", s.not_converged == 0,
               "the widest 95 % interval is " + plus_minus(s.widest_interval),
               s.not_converged == 0 ? "" : counted(s.not_converged, "figure") + " wider than asked for");
  if (s.fewest_sessions)
    checks.add("Sessions", *s.fewest_sessions >= kFewestUnits,
               "every figure rests on " + counted(*s.fewest_sessions, "session") + " at least",
               *s.fewest_sessions >= kFewestUnits
                   ? ""
                   : "intervals hold within a session; other sessions have lain further apart");
}

/// A remedy, and what it would mend: the first of it.
void add_warnings(Blocks& out, const Summary& s) {
  Bullets bullets;
  for (const Remedy& remedy : s.warnings) {
    Text text;
    if (!remedy.remedy.empty()) text.strong(capitalised(remedy.remedy)).add(". ");
    for (std::size_t i = 0; i < std::min(remedy.causes.size(), kCausesNamed); ++i) {
      const Remedy::Cause& cause = remedy.causes[i];
      text.add(i == 0 ? "" : "; ").code(s.cases[cause.cases.front()].short_id);
      if (cause.cases.size() > 1) text.add(" and " + counted(std::ssize(cause.cases) - 1, "other case"));
      text.add(": " + cause.text);
    }
    if (remedy.causes.size() > kCausesNamed)
      text.add("; and " + count_text(std::ssize(remedy.causes) - static_cast<std::int64_t>(kCausesNamed)) +
               " more");
    bullets.items.push_back(text.add("."));
  }
  if (bullets.items.empty()) return;
  out.push_back(Paragraph{Text().strong("What disturbed the measurement, and what would mend it")});
  out.push_back(std::move(bullets));
}

void add_excluded(Blocks& out, const Summary& s) {
  Table table{
      .caption = "Left out", .columns = {{"Case", false}, {"Device", false}, {"Why", false}}, .rows = {}};
  std::size_t all = 0;
  for (const CaseSummary& c : s.cases) {
    if (c.status == CaseStatus::ok || ++all > kExcluded) continue;
    table.rows.push_back({Text().code(c.short_id), s.devices[c.device].label,
                          Text(spaced(name_of(c.status))).add(c.reason.value_or(""), Span::Style::detail)});
  }
  if (table.rows.empty()) return;
  if (all > kExcluded)
    table.caption += ": the first " + count_text(static_cast<std::int64_t>(kExcluded)) + " of " +
                     count_text(static_cast<std::int64_t>(all));
  out.push_back(std::move(table));
}

}  // namespace

void add_health_part(Blocks& out, const CustomerInput& input) {
  const Summary& s = input.report.summary;
  if (s.cases.empty()) return;
  out.push_back(Heading{2, "Health and validity"});
  Checks checks;
  add_verification(checks, s);
  add_measuring(checks, s);
  out.push_back(checks.take());
  add_warnings(out, s);
  add_excluded(out, s);
}

}  // namespace assay
