// SPDX-License-Identifier: Apache-2.0
#include "acceptance/recommendation_text.h"
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

void add_lines(Blocks& out, const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out.push_back(Paragraph{Text().strong(title)});
  Bullets bullets;
  for (const std::string& line : lines) bullets.items.emplace_back(line);
  out.push_back(std::move(bullets));
}

Text verdict_cell(const LimitVerdict& v) {
  switch (v.verdict) {
    case Outcome::pass: return Text().add("pass", Span::Style::good);
    case Outcome::fail: return Text().add("fail", Span::Style::bad);
    case Outcome::cannot_tell: break;
  }
  return Text().strong("cannot tell").add(v.why, Span::Style::detail);
}

std::string margin_text(const LimitVerdict& v) {
  return v.margin ? change_text(*v.margin) : std::string(kUnknown);
}

Text limit_cell(const AcceptanceLimit& limit, const LimitVerdict& v) {
  Text text(limit.name);
  text.add(metric_label(limit.metric) + ", " + limit_text(limit, v.figure ? v.figure->unit : ""),
           Span::Style::detail);
  return text;
}

Text where_cell(const CustomerInput& input, const LimitVerdict& v, const AcceptanceLimit& limit) {
  Text text;
  if (v.figure) text.code(case_of(input, *v.figure).short_id);
  if (limit.capacity && v.holds_to)
    text.add("holds up to " + setting_at(limit.capacity->of, *v.holds_to), Span::Style::detail);
  else if (v.cases > 1)
    text.add("the worst of " + counted(v.cases, "case") + ", " + count_text(v.met) + " meet it",
             Span::Style::detail);
  return text;
}

}  // namespace

void add_verdict_table(Blocks& out, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  Table table{.caption = "Each limit on each system; the margin is what is left of the limit",
              .columns = {{"Limit", false},
                          {"System", false},
                          {"Measured", true},
                          {"Margin", true},
                          {"Verdict", false},
                          {"Case that decides", false}},
              .rows = {}};
  for (const LimitVerdict& v : e.verdicts) {
    const AcceptanceLimit& limit = e.brief.acceptance[v.limit];
    table.rows.push_back({limit_cell(limit, v), e.systems[v.system].label,
                          v.figure ? figure_cell(*v.figure) : Text(std::string(kUnknown)), margin_text(v),
                          verdict_cell(v), where_cell(input, v, limit)});
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
}

void add_acceptance_part(Blocks& out, const CustomerInput& input) {
  Blocks blocks;
  add_lines(blocks, "What is required", input.evaluation.brief.requirement);
  add_lines(blocks, "What is taken for granted", input.evaluation.brief.assumptions);
  add_verdict_table(blocks, input);
  if (blocks.empty()) return;
  out.push_back(Heading{2, "Requirement and acceptance"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
