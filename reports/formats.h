// SPDX-License-Identifier: Apache-2.0
// The renderers that reports/table.cpp lists.
#pragma once

#include "reports/report.h"

namespace assay {

Report render_markdown(const ReportInput& input);
Report render_html(const ReportInput& input);
Report render_json(const ReportInput& input);
Report render_csv(const ReportInput& input);

std::string_view page_css();  // of the HTML report, without chart_css()

}  // namespace assay
