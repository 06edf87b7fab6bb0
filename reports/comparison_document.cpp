// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/units.h"
#include "reports/comparison_sections.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

std::string described(const ComparedResult& r) {
  std::string text = r.label;
  if (!r.name.empty() && text.find(r.name) == std::string::npos) text += " (" + r.name + ")";
  std::string devices = join(r.devices, ", ");
  if (!devices.empty() && text.find(devices) == std::string::npos) text += " on " + devices;
  if (!r.started_at.empty() && text.find(r.started_at.substr(0, 10)) == std::string::npos)
    text += ", " + r.started_at.substr(0, 10);
  return text + ", by assay " + r.tool.version;
}

/// "3 faster, 1 slower", without what there is none of.
std::string verdicts_text(const Counts& n) {
  std::vector<std::string> parts;
  const std::array<std::pair<std::int64_t, std::string>, 4> counts = {
      {{n.faster, "faster"},
       {n.slower, "slower"},
       {n.same, "the same within " + percent_text(kSameMargin)},
       {n.cannot_tell, "that cannot be told"}}};
  for (const auto& [count, name] : counts)
    if (count > 0) parts.push_back(count_text(count) + " " + name);
  return join(parts, ", ");
}

std::string outputs_text(const Counts& n) {
  if (n.disagree > 0) return counted(n.disagree, "output") + " disagree";
  if (n.agree > 0 && n.outputs_cannot_tell == 0) return "all outputs agree";
  if (n.agree > 0) return counted(n.agree, "output") + " agree, of others it cannot be told";
  return {};
}

Notice::Tone tone_of(const Counts& n) {
  if (n.disagree > 0 || n.compared == 0) return Notice::Tone::bad;
  return n.slower > 0 || n.cannot_tell > 0 ? Notice::Tone::care : Notice::Tone::good;
}

}  // namespace

std::string caption(const ResultsComparison& comparison, const Against& against, std::string text) {
  return comparison.others.size() == 1 ? capitalised(std::move(text))
                                       : pair_title(comparison, against) + ": " + text;
}

std::string pair_title(const ResultsComparison& comparison, const Against& against) {
  return comparison.results[against.result].label + " compared with " + comparison.results.front().label;
}

std::string ratio_with_interval(double ratio, const std::optional<double>& low,
                                const std::optional<double>& high) {
  std::string text = ratio_text(ratio);
  return low && high ? text + " (" + ratio_text(*low) + " to " + ratio_text(*high) + ")" : text;
}

Text case_text(const Against& against, const ComparedCase& c) {
  Text text = Text().code(c.short_id);
  if (c.base_device != c.other_device)
    text.add(c.other_device + " beside " + c.base_device, Span::Style::detail);
  else if (std::ranges::any_of(against.cases, [&](const auto& o) { return o.base_device != c.base_device; }))
    text.add("on " + c.base_device, Span::Style::detail);
  return text;
}

void add_rest(Blocks& out, std::size_t shown, std::size_t all) {
  if (all > shown)
    out.push_back(Paragraph{Text().add("The first " + count_text(static_cast<std::int64_t>(shown)) + " of " +
                                           count_text(static_cast<std::int64_t>(all)) +
                                           "; all of them are in comparison.json.",
                                       Span::Style::muted)});
}

std::string answer_text(const ResultsComparison& comparison, const Against& a) {
  const Counts& n = a.counts;
  std::string text = pair_title(comparison, a) + ": ";
  if (n.compared == 0)
    return text + (n.cases == 0 ? "they share no case" : "no case that they share can be compared");
  text += "of " + counted(n.faster + n.slower + n.same + n.cannot_tell, "figure") + " " + verdicts_text(n);
  for (const WorkloadMean& m : a.means)
    text += (&m == &a.means.front() ? "; " : ", ") + (m.workload.empty() ? "" : m.workload + " ") +
            ratio_with_interval(m.ratio, m.low, m.high);
  if (!a.means.empty()) text += " as a geometric mean";
  if (const std::string outputs = outputs_text(n); !outputs.empty()) text += "; " + outputs;
  return text + ".";
}

void add_answer_section(Blocks& out, const ComparisonInput& input) {
  out.push_back(Heading{2, "Answer"});
  const ResultsComparison& all = input.comparison;
  for (const Against& a : all.others) {
    out.push_back(Notice{tone_of(a.counts), Text(answer_text(all, a))});
    Bullets notes;
    for (const std::string& note : a.notes) notes.items.emplace_back(capitalised(note) + ".");
    if (!notes.items.empty()) out.push_back(std::move(notes));
    Table table{.caption = caption(all, a, "geometric means; above 1x the other is faster"),
                .columns = {{"Workload", false},
                            {"Ratio", true},
                            {"Interval", true},
                            {"Cases", true},
                            {"Figures", true},
                            {"Without interval", true}},
                .rows = {}};
    for (const WorkloadMean& m : a.means)
      table.rows.push_back(
          {m.workload, Text().strong(ratio_text(m.ratio)),
           m.low && m.high ? ratio_text(*m.low) + " to " + ratio_text(*m.high) : std::string(kUnknown),
           count_text(m.cases), count_text(m.figures), count_text(m.without_interval)});
    if (!table.rows.empty()) out.push_back(std::move(table));
  }
}

void add_reading_section(Blocks& out, const ComparisonInput& input) {
  out.push_back(Heading{2, "How it was compared"});
  Bullets bullets;
  bullets.items.push_back(Text().strong("Ratios").add(
      ": above 1x the result is better than the baseline, in the figure's own sense. A "
      "time and the rate that is made of it are one figure here."));
  bullets.items.push_back(
      Text()
          .strong("Verdicts")
          .add(
              ": from six fresh sessions a side on by ranks (Hodges-Lehmann shift, exact rank test; p values "
              "adjusted by Holm's method over all " +
              count_text(input.comparison.questions) +
              " figures that were tested). Faster or slower: adjusted p of at "
              "most " +
              percent_text(kSignificance) + ". The same: shown to lie within " + percent_text(kSameMargin) +
              ", and never that no difference was found."));
  bullets.items.push_back(Text().strong("Means").add(
      ": a workload's ratio is the geometric mean over its cases, a case's that over its figures. The ends "
      "of its interval are the means of theirs on the scale of logarithms, which holds whatever the "
      "cases' errors have in common, and is wider than need be where they have nothing. Where a figure has "
      "no interval, the mean has none."));
  out.push_back(std::move(bullets));
}

Document document_of(const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  Document document{.title = input.title, .subtitle = {}, .blocks = {}};
  if (input.title.empty()) {
    for (const Against& a : all.others)
      document.title += (document.title.empty() ? "" : ", ") + all.results[a.result].label;
    document.title += " compared with " + all.results.front().label;
  }
  document.subtitle = "Baseline: " + described(all.results.front()) + ". Beside it: ";
  for (const Against& a : all.others)
    document.subtitle += (&a == &all.others.front() ? "" : "; ") + described(all.results[a.result]);
  document.subtitle += ".";
  if (!all.common_id.empty()) document.subtitle += " Cases: " + all.common_id + "/...";
  for (const auto add : {add_answer_section, add_differences_section, add_ratios_section, add_costs_section,
                         add_bounds_section, add_kernels_section, add_outputs_section, add_missing_section,
                         add_reading_section})
    add(document.blocks, input);
  return document;
}

ComparisonInput comparison_input(std::vector<Result> results, std::optional<Prices> prices,
                                 std::string title) {
  ComparisonInput input{.results = std::move(results), .comparison = {}, .title = std::move(title)};
  input.comparison = compare_results(input.results, std::move(prices));
  return input;
}

}  // namespace assay
