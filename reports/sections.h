// SPDX-License-Identifier: Apache-2.0
// The sections of a report, in their order. Each appends its blocks, or nothing where it has nothing to say,
// and is linear in the cases of its view: a report may have thousands.
#pragma once

#include <vector>

#include "reports/document.h"
#include "reports/report.h"
#include "reports/view.h"

namespace assay {

using Blocks = std::vector<Block>;

/// Appends a row to a table whose columns name no device; where the report is of several, the second says
/// which.
void add_row(Table& table, const Summary& summary, std::size_t device, std::vector<Cell> row);

/// The case as a section names it: its id, its conditions, and where the report is of several devices, which.
Text case_text(const Summary& summary, const CaseSummary& c);

void add_summary_section(Blocks& out, const ReportInput& input);
void add_answers(Blocks& out,
                 const Summary& summary);  // of the summary section: a sentence a model and device

// Of a workload with several models.
void add_overview(Blocks& out, const View& workload);  // their best figures side by side
void add_best_charts(Blocks& out, const View& workload);

// Of one model, in this order.
void add_cases_section(Blocks& out, const View& view);       // what was run, and its figures
void add_run_table(Blocks& out, const View& view);           // what was run
void add_case_charts(Blocks& out, const View& view);         // bars
void add_spread(Blocks& out, const View& view);              // every figure
void add_comparison_section(Blocks& out, const View& view);  // devices side by side
void add_way_section(Blocks& out, const View& view);         // from the host to answers
void add_picture_section(Blocks& out, const View& view);     // what was looked at, and found
void add_parts_section(Blocks& out, const View& view);       // where it has parts; lookups
void add_time_section(Blocks& out, const View& view);        // where the time goes
void add_model_section(Blocks& out, const View& view);       // facts and memory

// Of the machine, and of all of it.
void add_machine_section(Blocks& out, const ReportInput& input);  // what it did meanwhile
void add_environment_section(Blocks& out, const ReportInput& input);
void add_method_section(Blocks& out, const ReportInput& input);  // and limits
void add_repeat_section(Blocks& out, const ReportInput& input);
void add_operations_section(Blocks& out, const ReportInput& input);    // appendix: each op, timed alone
void add_verification_section(Blocks& out, const ReportInput& input);  // appendix: each op, checked

}  // namespace assay
