// SPDX-License-Identifier: Apache-2.0
// Documents for customers: a question, an answer, and its limits. Like any report pure functions of their
// input, and without arithmetic: every number is a field of a result, of the Summary or of the Evaluation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acceptance/evaluation.h"
#include "reports/document.h"
#include "reports/report.h"

namespace assay {

struct CustomerInput {
  ReportInput report;
  Evaluation evaluation;
};
CustomerInput customer_input(ReportInput report, Brief brief, const std::optional<Prices>& prices = {});
Json to_json(const CustomerInput& input);  // the report's, with "evaluation"

/// A kind of document that --template names.
struct DocumentTemplate {
  std::string_view name;     // "customer"
  std::string_view summary;  // for help
  Document (*document)(const CustomerInput& input);
};
std::span<const DocumentTemplate> document_templates();  // reports/customer/templates.cpp
/// Null where there is none of that name.
const DocumentTemplate* find_template(std::string_view name);

}  // namespace assay
