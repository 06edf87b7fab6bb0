// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

Text status_text(const VerifiedOp& op) {
  if (op.status == "passed") return Text().add("passed", Span::Style::good);
  Text text;
  text.add(op.status, op.status == "failed" ? Span::Style::bad : Span::Style::muted);
  if (!op.reason.empty()) text.add(op.reason, Span::Style::detail);
  return text;
}

std::string small(const std::optional<double>& value) {
  return value ? number_text(*value, 2) : std::string(kUnknown);
}

}  // namespace

void add_verification_section(Blocks& out, const ReportInput& input) {
  const Summary& s = input.summary;
  out.push_back(Heading{2, "Verification"});
  if (s.verified.empty()) {
    out.push_back(Paragraph{Text("These results hold no record of a verification.")});
    return;
  }
  out.push_back(
      Paragraph{Text("Each operation ran on seeded random inputs, rounded to its data type, and its outputs "
                     "were compared with a reference "
                     "computed in float64 from the same inputs. Error is the largest of |actual - expected| "
                     "/ max(|expected|, root mean "
                     "square of the expected values). A tolerance is the product of the named factors. "
                     "Outputs were overwritten with NaN "
                     "before each check, so what a kernel did not write shows. What failed was not timed.")});
  const bool several = s.devices.size() > 1;
  Table table{.caption = "Nearest to its tolerance first; one row a device, shape and kernel",
              .columns = {{"Operation", false},
                          {"Kernel", false},
                          {"Error", true},
                          {"Tolerance", true},
                          {"Used", true},
                          {"Elements compared", true},
                          {"Status", false}},
              .rows = {}};
  if (several) table.columns.insert(table.columns.begin() + 1, {"Device", false});
  for (const VerifiedOp& op : s.verified) {
    std::vector<Cell> row = {Text().strong(op.op).add(op.shape, Span::Style::detail),
                             op.kernel,
                             small(op.error),
                             Text(small(op.tolerance)).add(op.tolerance_factors, Span::Style::detail),
                             Cell(percent_text(op.used), op.used),
                             count_text(op.checked),
                             status_text(op)};
    if (several) row.insert(row.begin() + 1, Cell(s.devices[op.device].label));
    table.rows.push_back(std::move(row));
  }
  out.push_back(std::move(table));
}

}  // namespace assay
