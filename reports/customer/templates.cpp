// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "reports/customer/parts.h"
#include "reports/status_line.h"

namespace assay {
namespace {

/// "For ACME, by J. Doe, 2026-01-31. Measured 2026-01-30."
std::string subtitle_of(const CustomerInput& input) {
  const Brief& brief = input.evaluation.brief;
  std::string text;
  const auto add = [&](const std::string& before, const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + before + part;
  };
  add("for ", brief.customer);
  add("by ", brief.author);
  add("", brief.date);
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (const std::string day = days_text(input.report.status); !day.empty())
    text += (text.empty() ? "" : ". ") + std::string("Measured ") + day + ".";
  return text;
}

Document started(const CustomerInput& input) {
  const Brief& brief = input.evaluation.brief;
  Document document{.title = brief.title, .subtitle = subtitle_of(input), .blocks = {}};
  if (document.title.empty()) document.title = input.report.title;
  if (document.title.empty()) document.title = "Evaluation";
  return document;
}

Document customer_document(const CustomerInput& input) {
  Document document = started(input);
  for (const auto add :
       {add_standing, add_answer_part, add_acceptance_part, add_systems_part, add_health_part,
        add_results_part, add_comparison_part, add_cost_part, add_ceiling_part, add_limits_part,
        add_method_part, add_repeat_part, add_glossary_part})
    add(document.blocks, input);
  return document;
}

Document one_page(const CustomerInput& input) {
  Document document = started(input);
  for (const auto add : {add_standing, add_answer_part, add_page_evidence}) add(document.blocks, input);
  return document;
}

constexpr std::array kTemplates = {
    DocumentTemplate{"customer", "question, answer, evidence, limits and reproduction, for a customer",
                     customer_document},
    DocumentTemplate{"one-page", "question, answer and limits on a page", one_page},
};

}  // namespace

std::span<const DocumentTemplate> document_templates() {
  return kTemplates;
}

const DocumentTemplate* find_template(std::string_view name) {
  const auto found = std::ranges::find(kTemplates, name, &DocumentTemplate::name);
  return found == kTemplates.end() ? nullptr : &*found;
}

CustomerInput customer_input(ReportInput report, Brief brief, const std::optional<Prices>& prices) {
  CustomerInput input{.report = std::move(report), .evaluation = {}};
  input.evaluation = evaluate(std::move(brief), input.report.summary, input.report.results, prices);
  return input;
}

Json to_json(const CustomerInput& input) {
  Json json = to_json(input.report);
  json["evaluation"] = to_json(input.evaluation);
  return json;
}

}  // namespace assay
