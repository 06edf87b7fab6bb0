// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

Text status_text(const VerifiedOp& op) {
  if (op.status == CheckStatus::passed) return Text().add("passed", Span::Style::good);
  Text text;
  text.add(name_of(op.status), Span::Style::bad);
  if (!op.reason.empty()) text.add(op.reason, Span::Style::detail);
  return text;
}

std::string small(const std::optional<double>& value) {
  return value ? number_text(*value, 2) : std::string(kUnknown);
}

/// Whatever else was asked, so that nobody wonders why a kernel is not among the above.
void add_not_served(Blocks& out, const Summary& s) {
  if (s.not_served.empty()) return;
  Table table{.caption = "Kernels that were asked and do not serve these shapes",
              .columns = {{"Operation", false}, {"Kernel", false}, {"Why", false}, {"Shapes", false}},
              .rows = {}};
  for (const NotServed& n : s.not_served)
    add_row(table, s, n.device, {Text().strong(n.op), n.kernel, n.reason, join(n.shapes, "; ")});
  out.push_back(std::move(table));
}

}  // namespace

void add_verification_section(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  out.push_back(Heading{2, "Appendix: verification"});
  if (s.verified.empty()) {
    out.push_back(Paragraph{Text("These results hold no record of a verification.")});
    return;
  }
  out.push_back(
      Paragraph{Text("Each operation ran on seeded random inputs, rounded to its data type, and its outputs "
                     "were compared with a reference "
                     "computed in float64 from the same inputs. Error is the largest of |actual - expected| "
                     "/ max(|expected|, root mean "
                     "square of the expected values). A tolerance is the product of the named factors; every "
                     "shape stands in the "
                     "result file. "
                     "Outputs were overwritten with NaN "
                     "before each check, so what a kernel did not write shows. What failed was not timed.")});
  if (s.in_situ_cases > 0) {
    Text text("Then " + counted(s.in_situ_cases, "case") +
              " ran one whole pass step by step, untimed: " + counted(s.in_situ_ops, "operation") +
              " judged with what was really in their buffers, and " + counted(s.in_situ_values, "read") +
              " of intermediate values compared with what had been written there. ");
    if (s.in_situ_failures.empty())
      text.add("Nothing was wrong.", Span::Style::good);
    else
      for (const std::string& failure : s.in_situ_failures) text.add(failure + ". ", Span::Style::bad);
    out.push_back(Paragraph{text});
  }
  Table table{.caption = "Nearest to its tolerance first; a row a kernel, with the shape that came nearest",
              .columns = {{"Operation", false},
                          {"Kernel", false},
                          {"Shapes", true},
                          {"Error", true},
                          {"Tolerance", false},
                          {"Used", true},
                          {"Elements compared", true},
                          {"Status", false}},
              .rows = {}};
  bool one_rounding = false;
  for (const VerifiedKernel& kernel : s.verified_kernels) {
    const VerifiedOp& op = kernel.worst;
    one_rounding = one_rounding || op.one_rounding;
    add_row(table, s, op.device,
            {Text().strong(op.op).add(op.shape, Span::Style::detail), op.kernel, count_text(kernel.shapes),
             small(op.error), Text(small(op.tolerance)).add(op.tolerance_factors, Span::Style::detail),
             Cell(percent_text(op.used) + (op.one_rounding ? " *" : ""), op.used), count_text(kernel.checked),
             status_text(op)});
  }
  if (one_rounding) table.caption += "; *: of one rounding, which is the whole allowance";
  out.push_back(std::move(table));
  add_not_served(out, s);
}

}  // namespace assay
