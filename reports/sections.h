// SPDX-License-Identifier: Apache-2.0
// The sections of a report, in their order. Each appends its blocks, or nothing where it has nothing to say.
#pragma once

#include <vector>

#include "reports/document.h"
#include "reports/report.h"

namespace assay {

using Blocks = std::vector<Block>;

/// Appends a row to a table whose columns name no device; where the report is of several, the second says
/// which.
void add_row(Table& table, const Summary& summary, std::size_t device, std::vector<Cell> row);

std::vector<std::string> workloads_of(const Summary& summary);  // each once, in the order of its first case

/// The case as a section names it: its id, its conditions, and where the report is of several devices, which.
Text case_text(const Summary& summary, const CaseSummary& c);

void add_summary_section(Blocks& out, const ReportInput& input);
void add_run_table(Blocks& out, const ReportInput& input);             // what was run: of the summary section
void add_figures(Blocks& out, const Summary& summary);                 // of the summary section
void add_cases_section(Blocks& out, const ReportInput& input);         // tables and bar charts
void add_comparison_section(Blocks& out, const ReportInput& input);    // devices side by side
void add_model_section(Blocks& out, const ReportInput& input);         // facts and memory
void add_way_section(Blocks& out, const ReportInput& input);           // from the host to answers
void add_picture_section(Blocks& out, const ReportInput& input);       // what was looked at, and found
void add_parts_section(Blocks& out, const ReportInput& input);         // of models that have parts; lookups
void add_time_section(Blocks& out, const ReportInput& input);          // where the time goes
void add_operations_section(Blocks& out, const ReportInput& input);    // appendix: each op, timed alone
void add_verification_section(Blocks& out, const ReportInput& input);  // appendix: each op, checked
void add_machine_section(Blocks& out, const ReportInput& input);       // what it did meanwhile
void add_environment_section(Blocks& out, const ReportInput& input);
void add_method_section(Blocks& out, const ReportInput& input);  // and limits
void add_repeat_section(Blocks& out, const ReportInput& input);

}  // namespace assay
