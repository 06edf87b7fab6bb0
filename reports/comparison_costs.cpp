// SPDX-License-Identifier: Apache-2.0
// What the other gives for a watt and for its money; and whether both computed the same.
#include <algorithm>

#include "base/units.h"
#include "reports/comparison_sections.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

template <class Row>
void add_limited(Blocks& out, Table table, const Against& a, Row row_of) {
  std::size_t rows = 0;
  for (const ComparedCase& c : a.cases)
    if (auto row = row_of(c); !row.empty() && ++rows <= kRowsShown) table.rows.push_back(std::move(row));
  if (!table.rows.empty()) out.push_back(std::move(table));
  add_rest(out, kRowsShown, rows);
}

void add_watts(Blocks& out, const ResultsComparison& all, const Against& a) {
  add_limited(
      out,
      {.caption = caption(all, a, "power while it was measured; above 1x the other gives more for a watt"),
       .columns = {{"Case", false}, {"Figure", false}, {"Baseline", true}, {"Other", true}, {"Ratio", true}},
       .rows = {}},
      a, [&](const ComparedCase& c) -> std::vector<Cell> {
        if (!c.per_watt) return {};
        return {case_text(a, c), metric_label(c.per_watt->metric), quantity_text(c.per_watt->base_w, "W"),
                quantity_text(c.per_watt->other_w, "W"), Text().strong(ratio_text(c.per_watt->ratio))};
      });
}

std::string money_text(const std::optional<double>& amount, const std::string& currency) {
  return amount ? number_text(*amount) + " " + currency : std::string(kUnknown);
}

void add_money(Blocks& out, const ResultsComparison& all, const Against& a) {
  const std::string& currency = all.prices->currency;
  add_limited(out,
              {.caption = caption(all, a, "above 1x the other gives more for its money"),
               .columns = {{"Case", false},
                           {"Cost of", false},
                           {"Baseline", true},
                           {"Other", true},
                           {"Ratio", true},
                           {"Baseline an hour", true},
                           {"Other an hour", true},
                           {"Power", false}},
               .rows = {}},
              a, [&](const ComparedCase& c) -> std::vector<Cell> {
                if (!c.per_money) return {};
                const PerMoney& m = *c.per_money;
                Text work(m.work);
                work.add(m.why.empty() ? metric_label(m.metric) : "not known: " + m.why, Span::Style::detail);
                return {case_text(a, c),
                        work,
                        money_text(m.base_cost, currency),
                        money_text(m.other_cost, currency),
                        Text().strong(m.ratio ? ratio_text(*m.ratio) : std::string(kUnknown)),
                        money_text(m.base_per_hour, currency),
                        money_text(m.other_per_hour, currency),
                        m.with_power ? "with its power" : "without power"};
              });
}

Text agreement_text(const OutputComparison& o) {
  switch (o.verdict) {
    case Agreement::agree: return Text().add("agree", Span::Style::good);
    case Agreement::disagree: return Text().add("disagree", Span::Style::bad);
    case Agreement::cannot_tell: break;
  }
  return Text("cannot tell").add(o.why, Span::Style::detail);
}

/// Those that do not agree first.
void add_outputs(Blocks& out, const ResultsComparison& all, const Against& a) {
  Table table{
      .caption = caption(
          all, a,
          "root mean square of the difference, as a share of the outputs' own, at the places that both kept"),
      .columns =
          {{"Case", false}, {"Output", false}, {"Apart by", true}, {"Allowed", true}, {"Verdict", false}},
      .rows = {}};
  std::size_t rows = 0;
  for (const Agreement verdict : {Agreement::disagree, Agreement::cannot_tell, Agreement::agree})
    for (const ComparedCase& c : a.cases)
      for (const OutputComparison& o : c.of.outputs)
        if (o.verdict == verdict && ++rows <= kRowsShown)
          table.rows.push_back({case_text(a, c), o.output,
                                o.difference ? number_text(*o.difference, 2) : std::string(kUnknown),
                                number_text(o.tolerance, 2), agreement_text(o)});
  if (!table.rows.empty()) out.push_back(std::move(table));
  add_rest(out, kRowsShown, rows);
}

void add_section(Blocks& out, std::string title, Blocks blocks) {
  if (blocks.empty()) return;
  out.push_back(Heading{2, std::move(title)});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace

void add_costs_section(Blocks& out, const ComparisonInput& input) {
  Blocks blocks;
  for (const Against& a : input.comparison.others) {
    add_watts(blocks, input.comparison, a);
    if (input.comparison.prices) add_money(blocks, input.comparison, a);
  }
  add_section(out, input.comparison.prices ? "For a watt and for money" : "For a watt", std::move(blocks));
}

void add_outputs_section(Blocks& out, const ComparisonInput& input) {
  Blocks blocks;
  for (const Against& a : input.comparison.others) add_outputs(blocks, input.comparison, a);
  add_section(out, "Outputs", std::move(blocks));
}

}  // namespace assay
