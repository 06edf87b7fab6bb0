// SPDX-License-Identifier: Apache-2.0
// What identifies is planted in every text of a result, and no format of a report shows any of it.
#include <gtest/gtest.h>

#include "analyse/roofline.h"
#include "reports/customer/formats.h"
#include "reports/report.h"
#include "result/redact.h"
#include "support/example_result.h"
#include "support/planted_texts.h"

namespace assay::redact_formats_tests {
namespace {

void expect_no_trace(const Marker& marker, const std::string& where, const std::string& text) {
  EXPECT_EQ(trace_of(marker, text), "") << where;
}

void expect_no_trace(const Marker& marker, const std::string& where, const Report& report) {
  expect_no_trace(marker, where, report.text);
  for (const Attachment& attachment : report.attachments)
    expect_no_trace(marker, where + ", " + attachment.path, attachment.path + attachment.text);
}

/// Every format, its attachments, and a template over all there is; every document for customers too.
void expect_reports_without(const Marker& marker, std::vector<Result> results, std::string title = {}) {
  redact(results, {&title, 1}, {});
  const ReportInput input = report_input(std::move(results), title);
  for (const ReportFormat& format : report_formats())
    expect_no_trace(marker, std::string(format.name), format.render(input));
  const CustomerInput whole = customer_input(input, {});
  for (const DocumentTemplate& one : document_templates())
    for (const DocumentFormat& format : document_formats())
      expect_no_trace(marker, std::string(one.name) + " as " + std::string(format.name),
                      format.render({whole, one.document(whole)}));
  const std::string all =
      "{{#results}}{{name}} {{#cases}}{{id}} {{{repro}}} "
      "{{#warnings}}{{.}}{{/warnings}}{{/cases}}{{/results}}";
  expect_no_trace(marker, "template", render_template(all, input, "house.txt.mustache"));
}

TEST(RedactedReports, ShowNoMarkerOfAnyText) {
  const auto all = frames();
  std::size_t next = 0;  // RedactPlanted goes through all of them
  for (const Marker& marker : markers()) {
    const auto& [before, behind] = all[next++ % all.size()];
    expect_reports_without(marker, {planted_result(Planter::What::values, marker, before, behind)});
  }
}

TEST(RedactedReports, ShowNoMarkerOfAnyKey) {
  for (const Marker& marker : markers())
    expect_reports_without(marker, {planted_result(Planter::What::keys, marker, " ", "")});
}

TEST(RedactedReports, ShowNoMarkerBesideAnotherResult) {
  for (const Marker& marker : markers()) {
    Result named = planted_result(Planter::What::values, marker, " ", "");
    named.label = "before " + marker.text;
    expect_reports_without(marker, {named, example_result()}, "All of " + marker.text);
  }
}

TEST(RedactedReports, OfAResultThatNamesNothingAreThoseOfTheResult) {
  Result plain = example_result(), redacted = plain;
  redact(redacted);
  for (CaseResult& one : plain.cases) {
    const std::size_t file = one.repro.find("test.json");
    if (file != std::string::npos) one.repro.replace(file, 9, "[path]");
  }
  plain.command[2] = "[path]";
  for (const ReportFormat& format : report_formats())
    EXPECT_EQ(format.render(report_input({redacted})).text, format.render(report_input({plain})).text)
        << format.name;
}

}  // namespace
}  // namespace assay::redact_formats_tests
