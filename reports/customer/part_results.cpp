// SPDX-License-Identifier: Apache-2.0
// Results by workload and model: how far limits hold, what is gained by more load, percentiles with what they
// rest on, and where the time of the cases goes that the answer rests on.
#include <algorithm>
#include <set>

#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

constexpr std::size_t kResultRows = 200;  // of a model
constexpr std::size_t kCasesShown = 4;    // of a model, whose time is shown

/// Flags what the figures of a model do not say, where they stand.
void add_flags(Blocks& out, const View& view) {
  const bool seeded = std::ranges::any_of(
      view.cases, [&](const CaseSummary& c) { return view.result_of(c).weights == "seed"; });
  std::set<std::string> notes;
  for (const CaseSummary& c : view.cases)
    for (const std::string& note : view.result_of(c).notes) notes.insert(sentence(note));
  Text text;
  if (seeded)
    text.strong("Numerics only: ").add("weights are random, so answers mean nothing; speed holds. ");
  for (const std::string& note : notes) text.add(note + " ");
  if (!text.spans.empty()) out.push_back(Paragraph{text});
}

std::size_t system_of(const Evaluation& e, const View& view, const CaseSummary& c) {
  const std::size_t index = view.number_of(c) - 1;
  const auto found = std::ranges::find_if(
      e.systems, [&](const System& s) { return std::ranges::binary_search(s.cases, index); });
  return static_cast<std::size_t>(found - e.systems.begin());
}

/// The times of each case: what a percentile rests on is said beside it.
void add_percentiles(Blocks& out, const CustomerInput& input, const View& view) {
  Table table{.caption = "Times: a percentile is given only where draws enough lie beyond it",
              .columns = {{"Case", false},
                          {"System", false},
                          {"Figure", false},
                          {"Median", true},
                          {"95 % interval", true},
                          {"p90", true},
                          {"p99", true},
                          {"Rests on", false}},
              .rows = {}};
  std::size_t all = 0;
  for (const CaseSummary& c : view.cases)
    for (const Headline& h : c.headlines) {
      if (h.unit != "s" || h.statistic != Stat::median || ++all > kResultRows) continue;
      table.rows.push_back(
          {Text().code(c.short_id), input.evaluation.systems[system_of(input.evaluation, view, c)].label,
           metric_label(h.metric), Text().strong(metric_text(h)),
           h.low && h.high ? metric_text(h, h.low) + " to " + metric_text(h, h.high) : std::string(kUnknown),
           metric_text(h, h.p90), metric_text(h, h.p99), draws_text(h)});
    }
  if (table.rows.empty()) return;
  if (all > kResultRows)
    table.caption += "; the first " + count_text(static_cast<std::int64_t>(kResultRows)) + " of " +
                     count_text(static_cast<std::int64_t>(all));
  out.push_back(std::move(table));
}

void add_rates(Blocks& out, const CustomerInput& input, const View& view) {
  Table table{.caption = "Throughput",
              .columns = {{"Case", false},
                          {"System", false},
                          {"Figure", false},
                          {"Median", true},
                          {"95 % interval", true}},
              .rows = {}};
  std::size_t all = 0;
  for (const CaseSummary& c : view.cases)
    for (const Headline& h : c.headlines) {
      if (h.better != Better::higher || !h.peak_of.empty() || ++all > kResultRows) continue;
      table.rows.push_back({Text().code(c.short_id),
                            input.evaluation.systems[system_of(input.evaluation, view, c)].label,
                            metric_label(h.metric), Text().strong(metric_text(h)),
                            h.low && h.high ? metric_text(h, h.low) + " to " + metric_text(h, h.high)
                                            : std::string(kUnknown)});
    }
  if (table.rows.empty()) return;
  if (all > kResultRows)
    table.caption += "; the first " + count_text(static_cast<std::int64_t>(kResultRows)) + " of " +
                     count_text(static_cast<std::int64_t>(all));
  out.push_back(std::move(table));
}

/// The cases that verdicts rest on, and of each system the first that was measured.
View deciding_cases(const CustomerInput& input, const View& view) {
  const Evaluation& e = input.evaluation;
  std::set<std::size_t> decide;
  for (const LimitVerdict& v : e.verdicts)
    if (v.figure) decide.insert(v.figure->case_index);
  View chosen = view;
  chosen.cases.clear();
  std::set<std::size_t> systems;
  for (const bool first_of_system : {false, true})
    for (const CaseSummary& c : view.cases) {
      if (chosen.cases.size() == kCasesShown) break;
      const std::size_t index = view.number_of(c) - 1;
      const bool wanted = first_of_system ? !systems.contains(system_of(e, view, c)) : decide.contains(index);
      if (!wanted || c.stages.empty()) continue;
      systems.insert(system_of(e, view, c));
      chosen.cases.push_back(c);
    }
  return chosen;
}

void add_model(Blocks& out, const CustomerInput& input, const View& whole) {
  View view = whole;
  view.level = 4;
  add_flags(out, view);
  add_capacities(out, input, view);
  add_load_charts(out, input, view);
  add_percentiles(out, input, view);
  add_draws(out, input, view);
  add_rates(out, input, view);
  const View chosen = deciding_cases(input, view);
  for (const auto add : {add_way_section, add_picture_section, add_parts_section, add_time_section})
    add(out, chosen);
}

}  // namespace

void add_results_part(Blocks& out, const CustomerInput& input) {
  const std::vector<WorkloadView> workloads = views_of(input.report);
  if (workloads.empty()) return;
  out.push_back(Heading{2, "Results"});
  for (const WorkloadView& workload : workloads)
    for (const ModelView& model : workload.models) {
      out.push_back(Heading{3, workload.title + ": " + model.title});
      add_model(out, input, model.view);
    }
}

}  // namespace assay
