// SPDX-License-Identifier: Apache-2.0
#include "reports/formats.h"
#include "result/result_json.h"

namespace assay {

ReportInput report_input(std::vector<Result> results) {
  ReportInput input{.results = std::move(results), .summary = {}};
  input.summary = summarise(input.results);
  return input;
}

Json to_json(const ReportInput& input) {
  Json results = Json::array();
  for (const Result& result : input.results) results.push_back(to_json(result));
  return {{"schema", "assay.report/2"}, {"summary", to_json(input.summary)}, {"results", std::move(results)}};
}

Report render_json(const ReportInput& input) {
  return {.text = pretty(to_json(input)), .attachments = {}};
}

}  // namespace assay
