// SPDX-License-Identifier: Apache-2.0
#include "reports/status_line.h"

#include <gtest/gtest.h>

#include "reports/report.h"
#include "support/example_result.h"

namespace assay::status_line_tests {
namespace {

std::string markdown(const Result& r, const std::vector<DataFile>& data = {}) {
  return find_report("markdown").render(report_input({r}, {}, data)).text;
}

/// The line that says what the report is worth.
std::string first_line(const std::string& md) {
  const std::size_t at = md.find("> ");
  return md.substr(at, md.find('\n', at) - at);
}

Result undisturbed() {
  Result r = example_result();
  r.cases = {r.cases[0]};
  r.warnings.clear();
  return r;
}

std::string text_of(const Notice& notice) {
  std::string text;
  for (const Span& span : notice.text.spans) text += span.text;
  return text;
}

TEST(StatusLine, StandsBeforeEverySection) {
  const std::string md = markdown(example_result());
  EXPECT_LT(md.find("\n> "), md.find("\n## "));
}

TEST(StatusLine, SaysWhatTheReportIsWorthAndWhatItIsOf) {
  EXPECT_EQ(first_line(markdown(undisturbed())),
            "> Valid: these figures may be used as they are: 1 of 1 case measured, nothing disturbed them. "
            "Measured on Test CPU with Test device 2, 2026-01-01, by assay 0.0.0 (0000000).");
}

TEST(StatusLine, CallsWhatWasDisturbedADraftAndSaysWhy) {
  Result r = example_result();
  r.cases.resize(3);
  r.warnings.clear();
  EXPECT_TRUE(first_line(markdown(r))
                  .starts_with("> **Draft**: these figures may not be used as they are: 1 of 3 cases was "
                               "disturbed (others took 49.0 % "
                               "of the CPUs' time while it was timed). Measured on "))
      << first_line(markdown(r));
}

TEST(StatusLine, CallsWhatIsWrongInvalid) {
  EXPECT_TRUE(first_line(markdown(example_result()))
                  .starts_with("> **Invalid**: these figures may not be used: 1 output differs"));
}

TEST(StatusLine, SaysOnceThatARunDidNotEnd) {
  Result r = undisturbed();
  r.status = RunStatus::partial;
  const std::string md = markdown(r);
  EXPECT_TRUE(first_line(md).starts_with("> **Draft**")) << first_line(md);
  EXPECT_NE(first_line(md).find("the run did not end"), std::string::npos);
  EXPECT_EQ(md.find("run did not end"), md.rfind("run did not end"));
}

TEST(StatusLine, NamesTheDataByTheFirstDigitsOfAHashThatStandsWholeBelow) {
  const std::string hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const std::string md = markdown(undisturbed(), {{"chat", hash}});
  EXPECT_TRUE(first_line(md).ends_with(", data ba7816bf8f01.")) << first_line(md);
  EXPECT_NE(md.find("| chat | `" + hash + "` |", md.find("## How to repeat it")), std::string::npos);
}

TEST(StatusLine, CountsTheFilesWhereTheyAreMany) {
  Status status;
  status.data = {{"a", "aa"}, {"b", "bb"}, {"c", "cc"}, {"d", "dd"}, {"e", ""}};
  EXPECT_TRUE(text_of(status_line(status, {})).ends_with("Measured data of 4 files."))
      << text_of(status_line(status, {}));
  status.data.resize(2);
  status.first_day = "2026-01-01";
  status.last_day = "2026-01-03";
  EXPECT_TRUE(text_of(status_line(status, {})).ends_with("Measured 2026-01-01 to 2026-01-03, data aa, bb."))
      << text_of(status_line(status, {}));
}

}  // namespace
}  // namespace assay::status_line_tests
