// SPDX-License-Identifier: Apache-2.0
// What a part of a report is about: the cases of one model on every device that ran it, of a workload, or
// all. A view points into its input: nothing is copied, and indices into devices and results mean what they
// mean elsewhere.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/report.h"

namespace assay {

struct View {
  const ReportInput& input;
  std::string id;            // a slug that no other view of the report has: figures' ids hold it
  int level = 2;             // of the headings of its sections
  bool in_overview = false;  // its best figures stand beside those of other models, above
  std::vector<std::reference_wrapper<const CaseSummary>> cases;
  std::vector<std::reference_wrapper<const ModelSummary>> models;  // one a device and run
  std::vector<std::reference_wrapper<const CaseComparison>> comparisons;

  const Summary& summary() const { return input.summary; }
  const CaseResult& result_of(const CaseSummary& c) const { return input.results[c.result].cases[c.index]; }
  std::size_t number_of(
      const CaseSummary& c) const;  // its place among all cases of the report: 1 is the first
};

/// The cases of one model under one set of conditions.
struct ModelView {
  std::string title;  // "dlrm, skew 1.05"
  View view;
};

struct WorkloadView {
  std::string title;  // "LLM"
  View whole;
  std::vector<ModelView> models;  // in the order of their first cases
};

/// In the order of their first cases.
std::vector<WorkloadView> views_of(const ReportInput& input);

/// Where there is one model alone: it needs no headings that name workload and model, and its sections are
/// those of the report. Else nothing.
const View* only_model(const std::vector<WorkloadView>& workloads);

/// "llm" -> "LLM": as a heading names it.
std::string workload_title(const std::string& workload);

}  // namespace assay
