// SPDX-License-Identifier: Apache-2.0
// Terms that the document uses: the figures by their own definitions, statistics and machines from a table,
// and the customer's own.
#include <algorithm>
#include <array>
#include <map>

#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

struct Term {
  std::string_view term, meaning;
};
constexpr std::array kTerms = {
    Term{"95 % interval",
         "A range around a figure; of a hundred made in this way about 95 hold the true one."},
    Term{"Batch", "How many inputs are worked on together."},
    Term{"bf16, f16, f32", "Number formats of 16 and 32 bits: fewer bits are faster and less exact."},
    Term{
        "Bound",
        "The least time that the work can take on a device, by its measured peaks of arithmetic and memory."},
    Term{"Disturbed", "Something else used the machine, or its clock moved, while it was measured."},
    Term{"In flight",
         "How many batches are worked on at once, each by a part of the machine or overlapping."},
    Term{"Margin", "What is left of a limit, as a share of it; below zero it is missed by that much."},
    Term{"Median", "Half of what was seen was lower, half higher."},
    Term{"p99", "Ninety-nine of a hundred were no slower."},
    Term{"Session", "A fresh start of the program, which lays out memory anew."},
};

std::map<std::string, std::string> definitions_of(const CustomerInput& input) {
  std::map<std::string, std::string> all;
  for (const Result& result : input.report.results)
    for (const CaseResult& one : result.cases)
      for (const auto& [name, metric] : one.metrics)
        if (!metric.definition.empty()) all.emplace(metric_label(name), metric.definition);
  return all;
}

}  // namespace

void add_glossary_part(Blocks& out, const CustomerInput& input) {
  std::map<std::string, std::string> terms = definitions_of(input);
  for (const Term& term : kTerms) terms.emplace(term.term, term.meaning);
  for (const GlossaryEntry& own : input.evaluation.brief.glossary)
    terms[own.term] = own.meaning;  // theirs hold
  std::vector<std::pair<std::string, std::string>> sorted(terms.begin(), terms.end());
  const auto folded = [](const auto& entry) {
    std::string text = entry.first;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  std::ranges::stable_sort(sorted, {}, folded);
  Table table{
      .caption = "Terms of this document", .columns = {{"Term", false}, {"Meaning", false}}, .rows = {}};
  for (const auto& [term, meaning] : sorted) table.rows.push_back({Text().strong(term), meaning});
  out.push_back(Heading{2, "Glossary"});
  out.push_back(std::move(table));
}

}  // namespace assay
