// SPDX-License-Identifier: Apache-2.0
// What was measured beside what no implementation could beat on the device.
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCeilingRows = 300;

}  // namespace

void add_ceiling_part(Blocks& out, const CustomerInput& input) {
  const Summary& s = input.report.summary;
  Table table{
      .caption =
          "Stages of a pass: the bound is the least time that the work can take at the peaks that were "
          "measured beside it",
      .columns = {{"Case", false},
                  {"System", false},
                  {"Stage", false},
                  {"Measured", true},
                  {"Bound", true},
                  {"Of bound", true},
                  {"Bound most by", false}},
      .rows = {}};
  std::size_t all = 0;
  bool any_withheld = false;
  for (const System& system : input.evaluation.systems)
    for (const std::size_t c : system.cases)
      for (const StageSummary& stage : s.cases[c].stages) {
        if (!stage.time_s || (!stage.bound_s && stage.withheld.empty())) continue;
        any_withheld |= !stage.withheld.empty();
        if (++all > kCeilingRows) continue;
        table.rows.push_back(
            {Text().code(s.cases[c].short_id), system.label, stage.name, quantity_text(stage.time_s, "s"),
             quantity_text(stage.bound_s, "s"),
             stage.of_bound.measured ? Cell(percent_text(stage.of_bound.measured), stage.of_bound.measured)
                                     : Cell(stage.withheld.empty() ? std::string(kUnknown) : "withheld"),
             stage.bounds.empty() ? std::string(kUnknown) : bound_text(stage.bounds.front().bound)});
      }
  if (table.rows.empty()) return;
  out.push_back(Heading{2, "Ceiling and measurement"});
  out.push_back(
      Paragraph{Text("A share near 100 % says that another program could hardly be faster on this device; a "
                     "low one that there is "
                     "room, in the program or in how the work is put to it. A device that is faster in what "
                     "binds would help; one that "
                     "is faster in something else would not.")});
  out.push_back(std::move(table));
  if (any_withheld)
    out.push_back(
        Paragraph{Text("Shares are withheld where a peak moved by more than " + percent_text(kPeakMoved) +
                       " while the case was timed: it is no yardstick then.")});
  if (all > kCeilingRows)
    out.push_back(Paragraph{Text().add("The first " + count_text(static_cast<std::int64_t>(kCeilingRows)) +
                                           " of " + count_text(static_cast<std::int64_t>(all)) +
                                           "; all of them are in the JSON of this document.",
                                       Span::Style::muted)});
}

}  // namespace assay
