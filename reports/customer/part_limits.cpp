// SPDX-License-Identifier: Apache-2.0
// What was not measured, simulated or extrapolated: listed here, and flagged where it matters.
#include <algorithm>
#include <array>
#include <set>

#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

/// What no figure of a workload holds, whatever the run.
struct NeverMeasured {
  std::string_view workload;  // empty: of every one
  std::string_view text;
};
constexpr std::array kNever = {
    NeverMeasured{
        "",
        "Waiting: requests were not queued. Every figure is of a device that is given its next work as soon "
        "as it is done with the last; users who come all at once wait besides."},
    NeverMeasured{
        "", "The network between users and the machine, and whatever else serves them, is in no figure."},
    NeverMeasured{"", "Loading a model and starting the program are in no figure."},
    NeverMeasured{
        "llm",
        "Text is not made into tokens, nor tokens into text: prompts and answers are counted in tokens."},
    NeverMeasured{"vision", "Images come from memory: no camera, disk or network feeds them."},
    NeverMeasured{"recommender",
                  "Candidates come ranked from nowhere: their retrieval is not part of a batch."},
};

bool has_workload(const Summary& s, std::string_view workload) {
  return workload.empty() ||
         std::ranges::any_of(s.cases, [&](const CaseSummary& c) { return c.workload == workload; });
}

void add_weights(std::vector<std::string>& out, const CustomerInput& input) {
  const bool seeded = std::ranges::any_of(input.report.results, [](const Result& r) {
    return std::ranges::any_of(r.cases, [](const CaseResult& c) { return c.weights == "seed"; });
  });
  if (seeded)
    out.emplace_back(
        "Weights are random, from a seed: numerics only. The arithmetic was checked, and speed does not "
        "depend on "
        "the values as a rule; how good a model's answers are, and what a number format does to them, was "
        "not measured.");
}

void add_notes(std::vector<std::string>& out, const CustomerInput& input) {
  std::set<std::string> seen;
  for (const Result& result : input.report.results)
    for (const CaseResult& one : result.cases)
      for (const std::string& note : one.notes)
        if (seen.insert(note).second) out.push_back(sentence(note));
}

void add_percentiles(std::vector<std::string>& out, const CustomerInput& input) {
  std::int64_t times = 0, without = 0;
  for (const CaseSummary& c : input.report.summary.cases)
    for (const Headline& h : c.headlines)
      if (h.unit == "s" && h.statistic == Stat::median) {
        ++times;
        without += h.p99 ? 0 : 1;
      }
  if (without > 0)
    out.push_back("The slowest of a hundred (p99) is not known of " + count_text(without) + " of " +
                  counted(times, "time") +
                  ": too few draws lie beyond it. Where a limit asks for it, the median stands in "
                  "and is said to.");
}

void add_power(std::vector<std::string>& out, const CustomerInput& input) {
  const bool known = std::ranges::any_of(input.report.results, [](const Result& r) {
    return std::ranges::any_of(r.cases,
                               [](const CaseResult& c) { return c.telemetry && c.telemetry->power_w; });
  });
  if (!known) out.emplace_back("Power and energy: the devices do not report them here.");
}

}  // namespace

std::string sentence(const std::string& text) {
  return capitalised(text) + (text.ends_with('.') ? "" : ".");
}

/// The gravest first: the page has room for a few.
std::vector<std::string> unmeasured(const CustomerInput& input) {
  std::vector<std::string> out;
  add_weights(out, input);
  const auto& own = input.evaluation.brief.not_measured;
  out.insert(out.end(), own.begin(), own.end());
  for (const NeverMeasured& never : kNever)
    if (has_workload(input.report.summary, never.workload)) out.emplace_back(never.text);
  add_notes(out, input);
  add_percentiles(out, input);
  add_power(out, input);
  return out;
}

void add_limits_part(Blocks& out, const CustomerInput& input) {
  out.push_back(Heading{2, "Limits of this document"});
  out.push_back(Paragraph{Text("What was not measured, and what the figures therefore do not say:")});
  Bullets bullets;
  for (const std::string& line : unmeasured(input)) bullets.items.emplace_back(line);
  out.push_back(std::move(bullets));
}

}  // namespace assay
