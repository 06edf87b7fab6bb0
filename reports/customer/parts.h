// SPDX-License-Identifier: Apache-2.0
// The parts of a customer's document, in their order. Each appends its blocks, or nothing where it has
// nothing to say.
#pragma once

#include <vector>

#include "reports/customer/customer.h"
#include "reports/view.h"

namespace assay {

using Blocks = std::vector<Block>;

void add_standing(Blocks& out, const CustomerInput& input);  // the status line
void add_answer_part(Blocks& out, const CustomerInput& input);
void add_acceptance_part(Blocks& out, const CustomerInput& input);
void add_systems_part(Blocks& out, const CustomerInput& input);
void add_health_part(Blocks& out, const CustomerInput& input);
void add_results_part(Blocks& out, const CustomerInput& input);  // by workload and model
void add_comparison_part(Blocks& out, const CustomerInput& input);
void add_cost_part(Blocks& out, const CustomerInput& input);
void add_ceiling_part(Blocks& out, const CustomerInput& input);
void add_limits_part(Blocks& out, const CustomerInput& input);
void add_method_part(Blocks& out, const CustomerInput& input);
void add_repeat_part(Blocks& out, const CustomerInput& input);
void add_glossary_part(Blocks& out, const CustomerInput& input);

void add_page_evidence(Blocks& out, const CustomerInput& input);  // of the page: verdicts and limits in short

// Pieces of parts, that the page has too.
void add_question(Blocks& out, const CustomerInput& input);
void add_recommendation(Blocks& out, const CustomerInput& input);  // with its figure, and how sure
void add_verdict_table(Blocks& out, const CustomerInput& input);

// Pieces of the results, of one model.
void add_capacities(Blocks& out, const CustomerInput& input, const View& view);
void add_load_charts(Blocks& out, const CustomerInput& input, const View& view);  // latency and throughput
void add_draws(Blocks& out, const CustomerInput& input, const View& view);  // every draw of a limit's figure

std::vector<std::string> unmeasured(const CustomerInput& input);  // sentences

/// Capitalised, and with one full stop.
std::string sentence(const std::string& text);

/// "Time to first token, p99": as a limit or a figure is named.
std::string figure_label(const MeasuredFigure& figure);
/// "48.2 ms (47.9 to 48.6 ms)"; what stands in for a percentile is said.
Text figure_cell(const MeasuredFigure& figure);
/// The case of a figure, shortened.
const CaseSummary& case_of(const CustomerInput& input, const MeasuredFigure& figure);

}  // namespace assay
