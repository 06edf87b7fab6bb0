// SPDX-License-Identifier: Apache-2.0
#include "reports/document.h"

#include "reports/report.h"
#include "reports/sections.h"

namespace assay {

Document document_of(const ReportInput& input) {
  Document document{.title = input.title, .subtitle = {}, .blocks = {}};
  if (input.title.empty())
    for (const Result& result : input.results) {
      const std::string& name = shown_name(result);
      if (name.empty() || document.title.find(name) != std::string::npos) continue;
      document.title += (document.title.empty() ? "" : ", ") + name;
    }
  if (document.title.empty()) document.title = "Measurement report";
  for (const DeviceSummary& device : input.summary.devices)
    document.subtitle += (document.subtitle.empty() ? "Measured on " : ", ") + device.label;
  if (!input.results.empty()) {
    const Result& first = input.results.front();
    if (!first.started_at.empty()) document.subtitle += ", " + first.started_at.substr(0, 10);
    document.subtitle += ", by assay " + first.tool.version;
  }
  for (const auto add : {add_summary_section, add_cases_section, add_comparison_section, add_model_section,
                         add_way_section, add_picture_section, add_parts_section, add_time_section,
                         add_machine_section, add_environment_section, add_method_section, add_repeat_section,
                         add_operations_section, add_verification_section})
    add(document.blocks, input);
  return document;
}

}  // namespace assay
