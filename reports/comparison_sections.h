// SPDX-License-Identifier: Apache-2.0
// The sections of a comparison's report, in their order. Each appends its blocks, or nothing where it has
// nothing to say.
#pragma once

#include <vector>

#include "reports/comparison.h"

namespace assay {

using Blocks = std::vector<Block>;

void add_answer_section(Blocks& out, const ComparisonInput& input);
void add_differences_section(Blocks& out, const ComparisonInput& input);
void add_ratios_section(Blocks& out, const ComparisonInput& input);  // forest plots and tables
void add_costs_section(Blocks& out, const ComparisonInput& input);   // for a watt, and for money
void add_bounds_section(Blocks& out, const ComparisonInput& input);  // and rooflines
void add_kernels_section(Blocks& out, const ComparisonInput& input);
void add_outputs_section(Blocks& out, const ComparisonInput& input);
void add_missing_section(Blocks& out, const ComparisonInput& input);  // cases that only one has
void add_reading_section(Blocks& out, const ComparisonInput& input);  // how it was compared

/// "B compared with A": what a table or a chart is of.
std::string pair_title(const ResultsComparison& comparison, const Against& against);

/// `text` with the pair before it, where there are several.
std::string caption(const ResultsComparison& comparison, const Against& against, std::string text);

/// The case as a table names it: its short id, and its devices where they need telling.
Text case_text(const Against& against, const ComparedCase& c);

/// "1.25x (1.20x to 1.30x)"; without an interval the ratio alone.
std::string ratio_with_interval(double ratio, const std::optional<double>& low,
                                const std::optional<double>& high);

/// Rows of a table that a person reads; what is beyond stands in the file.
inline constexpr std::size_t kRowsShown = 300;
/// "12 more are in comparison.json", below a table that holds `shown` of `all` rows; nothing where it holds
/// all.
void add_rest(Blocks& out, std::size_t shown, std::size_t all);

}  // namespace assay
