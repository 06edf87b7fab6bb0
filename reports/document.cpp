// SPDX-License-Identifier: Apache-2.0
#include "reports/document.h"

#include "base/text.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

std::string title_of(const ReportInput& input) {
  if (!input.title.empty()) return input.title;
  std::string title;
  for (const Result& result : input.results) {
    const std::string& name = shown_name(result);
    if (name.empty() || title.find(name) != std::string::npos) continue;
    title += (title.empty() ? "" : ", ") + name;
  }
  return title.empty() ? "Measurement report" : title;
}

/// "LLM, Vision: 7 cases of 3 models on 2 devices"
std::string subtitle_of(const ReportInput& input, const std::vector<WorkloadView>& workloads) {
  std::vector<std::string> titles;
  std::size_t models = 0;
  for (const WorkloadView& workload : workloads) {
    titles.push_back(workload.title);
    models += workload.models.size();
  }
  const std::string cases = counted(std::ssize(input.summary.cases), "case");
  if (titles.empty()) return cases;
  return join(titles, ", ") + ": " + cases + " of " + counted(static_cast<std::int64_t>(models), "model") +
         " on " + counted(std::ssize(input.summary.devices), "device");
}

void add_model(Blocks& out, const View& view) {
  for (const auto add : {add_cases_section, add_comparison_section, add_way_section, add_picture_section,
                         add_parts_section, add_time_section, add_model_section})
    add(out, view);
}

void add_workload(Blocks& out, const WorkloadView& workload) {
  out.push_back(Heading{2, workload.title});
  if (workload.models.size() > 1) add_overview(out, workload.whole);
  for (const ModelView& model : workload.models) {
    out.push_back(Heading{3, model.title});
    add_model(out, model.view);
  }
}

}  // namespace

Document document_of(const ReportInput& input) {
  const std::vector<WorkloadView> workloads = views_of(input);
  Document document{.title = title_of(input), .subtitle = subtitle_of(input, workloads), .blocks = {}};
  add_summary_section(document.blocks, input);
  if (const View* only = only_model(workloads)) {
    document.blocks.push_back(Heading{2, "Cases"});
    add_model(document.blocks, *only);
  } else {
    for (const WorkloadView& workload : workloads) add_workload(document.blocks, workload);
  }
  for (const auto add : {add_machine_section, add_environment_section, add_method_section, add_repeat_section,
                         add_operations_section, add_verification_section})
    add(document.blocks, input);
  return document;
}

}  // namespace assay
