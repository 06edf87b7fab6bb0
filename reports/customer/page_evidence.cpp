// SPDX-License-Identifier: Apache-2.0
// What stands below the answer where there is one page: verdicts in short, the gravest limits, and how to
// repeat it.
#include <algorithm>

#include "acceptance/recommendation_text.h"
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kVerdicts = 10, kLimits = 5;

void add_verdicts(Blocks& out, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  Table table{.caption = "Limits, and what was measured",
              .columns = {{"Limit", false},
                          {"System", false},
                          {"Asked for", false},
                          {"Measured", true},
                          {"Verdict", false}},
              .rows = {}};
  for (const LimitVerdict& v : e.verdicts) {
    if (table.rows.size() == kVerdicts) break;
    const AcceptanceLimit& limit = e.brief.acceptance[v.limit];
    table.rows.push_back(
        {limit.name, e.systems[v.system].label, limit_text(limit, v.figure ? v.figure->unit : ""),
         v.figure && v.figure->value ? value_text(*v.figure, *v.figure->value) : std::string(kUnknown),
         Text(spaced(name_of(v.verdict)))});
  }
  if (table.rows.empty()) return;
  out.push_back(std::move(table));
  if (e.verdicts.size() > kVerdicts)
    out.push_back(Paragraph{Text().add("The first " + count_text(static_cast<std::int64_t>(kVerdicts)) +
                                           " of " + count_text(std::ssize(e.verdicts)) + " verdicts.",
                                       Span::Style::muted)});
}

}  // namespace

void add_page_evidence(Blocks& out, const CustomerInput& input) {
  add_verdicts(out, input);
  out.push_back(Heading{2, "What was not measured"});
  Bullets bullets;
  for (const std::string& line : unmeasured(input)) {
    if (bullets.items.size() == kLimits) break;
    bullets.items.emplace_back(line);
  }
  out.push_back(std::move(bullets));
  std::string repeat =
      "The whole document, with every figure, its method and how to repeat it, is made of the same "
      "result files by --template customer.";
  out.push_back(Paragraph{Text().add(repeat, Span::Style::muted)});
}

}  // namespace assay
