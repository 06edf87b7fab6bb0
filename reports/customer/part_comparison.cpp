// SPDX-License-Identifier: Apache-2.0
// The systems beside the first of them: the comparison's own sections, one level down.
#include "reports/comparison_sections.h"
#include "reports/customer/parts.h"

namespace assay {
namespace {

/// Sections of another document become pieces of a part.
void add_below(Blocks& out, Blocks blocks) {
  for (Block& block : blocks) {
    if (auto* heading = std::get_if<Heading>(&block); heading != nullptr) heading->level += 1;
    out.push_back(std::move(block));
  }
}

}  // namespace

void add_comparison_part(Blocks& out, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  if (!e.comparison) return;
  const ComparisonInput comparison{.results = e.as_results, .comparison = *e.comparison, .title = {}};
  Blocks blocks;
  for (const Against& against : e.comparison->others)
    blocks.push_back(Paragraph{Text(answer_text(*e.comparison, against))});
  // Which kernels were chosen is for engineers: it stands in `assay compare`'s report.
  for (const auto add : {add_ratios_section, add_bounds_section, add_outputs_section, add_missing_section})
    add(blocks, comparison);
  out.push_back(Heading{2, "Comparison"});
  add_below(out, std::move(blocks));
}

}  // namespace assay
