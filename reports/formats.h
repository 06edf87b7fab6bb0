// SPDX-License-Identifier: Apache-2.0
// The renderers that reports/table.cpp lists.
#pragma once

#include "reports/comparison.h"
#include "reports/document.h"
#include "reports/report.h"

namespace assay {

// Whatever the document is of.
Report markdown_of(const Document& document);
Report html_of(const Document& document);
Report tables_of(const Document& document);

Report render_json(const ReportInput& input);
Report render_csv(const ReportInput& input);
Report render_json(const ComparisonInput& input);
Report render_csv(const ComparisonInput& input);

std::string_view page_css();  // of the HTML report, without chart_css()
// Its inline scripts: what tables and charts can do beyond being read.
std::string_view table_script();
std::string_view tip_script();

}  // namespace assay
