// SPDX-License-Identifier: Apache-2.0
// What is not the same in two results besides their figures. What is the same is a count alone.
#include <algorithm>

#include "base/units.h"
#include "reports/comparison_sections.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCasesNamed = 4;

std::string known(const std::optional<std::string>& value) {
  return value.value_or(std::string(kUnknown));
}

std::string named(const std::vector<std::string>& cases) {
  std::string text;
  for (std::size_t i = 0; i < std::min(cases.size(), kCasesNamed); ++i)
    text += (i > 0 ? ", " : "") + cases[i];
  if (cases.size() > kCasesNamed) text += ", ... (" + counted(std::ssize(cases), "case") + ")";
  return text;
}

void add_missing(Blocks& out, const std::vector<MissingCase>& cases, const std::string& in) {
  if (cases.empty()) return;
  out.push_back(Paragraph{Text(counted(std::ssize(cases), "case") + " in " + in + " alone:")});
  Bullets bullets;
  for (std::size_t i = 0; i < std::min(cases.size(), kRowsShown); ++i)
    bullets.items.push_back(Text().code(cases[i].id).add(" on " + cases[i].device));
  out.push_back(std::move(bullets));
  add_rest(out, kRowsShown, cases.size());
}

}  // namespace

void add_differences_section(Blocks& out, const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  out.push_back(Heading{2, "What differs"});
  for (const Against& a : all.others) {
    if (a.differences.empty()) {
      out.push_back(Paragraph{Text(caption(all, a,
                                           "nothing of " + count_text(a.same_keys) +
                                               " things that describe machine, tool, config and cases."))});
      continue;
    }
    Table table{.caption = caption(all, a,
                                   counted(std::ssize(a.differences), "difference") + ", and " +
                                       count_text(a.same_keys) + " things the same"),
                .columns = {{"Of", false},
                            {"What", false},
                            {all.results.front().label, false},
                            {all.results[a.result].label, false}},
                .rows = {}};
    for (const Difference& d : a.differences) {
      Text key = Text().code(d.key);
      if (d.cases > 0) key.add("in " + counted(d.cases, "case"), Span::Style::detail);
      table.rows.push_back({name_of(d.about), key, known(d.base), known(d.other)});
    }
    const std::size_t rows = table.rows.size();
    if (rows > kRowsShown) table.rows.resize(kRowsShown, {});
    out.push_back(std::move(table));
    add_rest(out, kRowsShown, rows);
  }
}

void add_kernels_section(Blocks& out, const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  if (std::ranges::all_of(all.others,
                          [](const Against& a) { return a.kernels.empty() && a.same_kernels == 0; }))
    return;
  out.push_back(Heading{2, "Kernels"});
  for (const Against& a : all.others) {
    if (a.kernels.empty()) {
      out.push_back(
          Paragraph{Text(caption(all, a, "all " + counted(a.same_kernels, "choice") + " fell alike."))});
      continue;
    }
    Table table{
        .caption = caption(
            all, a, "choices that fell on another kernel; " + count_text(a.same_kernels) + " fell alike"),
        .columns = {{"Operation", false},
                    {all.results.front().label, false},
                    {all.results[a.result].label, false},
                    {"Cases", false}},
        .rows = {}};
    for (const KernelDifference& k : a.kernels) {
      if (table.rows.size() == kRowsShown) break;
      Text op = Text().strong(k.op).add(k.shape, Span::Style::detail);
      if (k.place == Place::host) op.add("on the host", Span::Style::detail);
      table.rows.push_back({op, known(k.base), known(k.other), named(k.cases)});
    }
    out.push_back(std::move(table));
    add_rest(out, kRowsShown, a.kernels.size());
  }
}

void add_missing_section(Blocks& out, const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  if (std::ranges::all_of(all.others,
                          [](const Against& a) { return a.only_in_base.empty() && a.only_in_other.empty(); }))
    return;
  out.push_back(Heading{2, "Cases in one result alone"});
  for (const Against& a : all.others) {
    add_missing(out, a.only_in_base, all.results.front().label);
    add_missing(out, a.only_in_other, all.results[a.result].label);
  }
}

}  // namespace assay
