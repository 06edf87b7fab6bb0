// SPDX-License-Identifier: Apache-2.0
#include "reports/formats.h"
#include "result/result_json.h"

namespace assay {

ReportInput report_input(std::vector<Result> results, std::string title, std::span<const DataFile> data) {
  ReportInput input{.results = std::move(results), .summary = {}, .status = {}, .title = std::move(title)};
  input.summary = summarise(input.results);
  input.status = status_of(input.summary, input.results, data);
  if (input.title.empty() && input.results.size() == 1) input.title = input.results.front().title;
  return input;
}

Json to_json(const ReportInput& input) {
  Json results = Json::array();
  for (const Result& result : input.results) results.push_back(to_json(result));
  return {{"schema", "assay.report/2"},
          {"title", input.title.empty() ? Json() : Json(input.title)},
          {"status", to_json(input.status)},
          {"summary", to_json(input.summary)},
          {"results", std::move(results)}};
}

Report render_json(const ReportInput& input) {
  return {.text = pretty(to_json(input)), .attachments = {}};
}

}  // namespace assay
