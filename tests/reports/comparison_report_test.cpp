// SPDX-License-Identifier: Apache-2.0
#include "reports/comparison.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/json_file.h"
#include "support/compared_results.h"
#include "support/example_result.h"
#include "support/golden.h"

namespace assay::comparison_report_tests {
namespace {

ComparisonInput example() {
  return comparison_input(
      compared_pair(),
      Prices{.currency = "EUR", .devices = {{"GPU A", 2.0}, {"GPU B", 3.0}}, .power_per_kwh = 0.2});
}

std::string render(const std::string& format, const ComparisonInput& input) {
  return find_comparison_format(format).render(input).text;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

TEST(ComparisonReport, EveryFormatIsAsAccepted) {
  for (const ComparisonFormat& format : comparison_formats())
    if (format.name != "json" && !format.printed)
      expect_golden("comparison." + std::string(format.extension),
                    render(std::string(format.name), example()));
}

TEST(ComparisonReport, AnswersInOneSentence) {
  const ComparisonInput input = example();
  EXPECT_EQ(
      answer_text(input.comparison, input.comparison.others[0]),
      "Test GPU B compared with Test GPU A: of 4 figures 1 faster, 1 slower, 1 the same within "
      "2.0 %, 1 that cannot be told; llm 1.22x (1.21x to 1.22x), recommender 1.13x (1.11x to 1.15x) as a "
      "geometric "
      "mean; 4 outputs agree, of others it cannot be told.");
  EXPECT_NE(render("markdown", input).find("> " + answer_text(input.comparison, input.comparison.others[0])),
            std::string::npos);
}

TEST(ComparisonReport, SaysWhatDiffersBeforeAnyRatio) {
  const std::string md = render("markdown", example());
  EXPECT_LT(md.find("## Answer"), md.find("## What differs"));
  EXPECT_LT(md.find("## What differs"), md.find("## Ratios"));
  EXPECT_NE(md.find("| config | `/measure/target_ci` | 0.01 | 0.02 |"), std::string::npos) << md;
}

TEST(ComparisonReport, TellsVerdictsApartByShapeAndNotByColourAlone) {
  const std::string html = render("html", example());
  const std::size_t start = html.find("<figure "), end = html.find("</figure>");
  const std::string chart = html.substr(start, end - start);
  EXPECT_EQ(count(chart, "c-hollow"), 2u);  // in the legend, and what cannot be told
  EXPECT_EQ(count(chart, "c-2 c-mark"), 2u);
  EXPECT_EQ(count(chart, "c-5 c-mark"), 2u);
  EXPECT_EQ(count(chart, "c-0 c-mark"), 2u);
  EXPECT_EQ(count(chart, "class=\"c-one\""), 1u);
}

TEST(ComparisonReport, DrawsTheRoofsOfBoth) {
  const std::string html = render("html", example());
  EXPECT_EQ(count(html, "c-roof l-0"), 3u);
  EXPECT_EQ(count(html, "c-roof l-1"), 3u);
}

TEST(ComparisonReport, MarkdownRefersToEveryChartItBrings) {
  const Report report = find_comparison_format("markdown").render(example());
  ASSERT_EQ(report.attachments.size(), 4u);
  for (const Attachment& file : report.attachments)
    EXPECT_EQ(count(report.text, "](" + file.path + ")"), 1u) << file.path;
}

TEST(ComparisonReport, HostileNamesStayText) {
  std::vector<Result> results = compared_pair();
  const std::string hostile = "<script>x</script>|`\"'&](http://x)";
  results[1].name = results[1].devices[0].name = hostile;
  results[1].environment["os"] = hostile;
  results[1].config["note"] = hostile;
  results[1].cases[0].choices[0].kernel = hostile;
  results[1].cases[3].reason = hostile;
  const ComparisonInput input = comparison_input(std::move(results));
  EXPECT_EQ(count(render("html", input), "<script"), 2u) << "the page's own";
  const std::string md = render("markdown", input);
  EXPECT_EQ(md.find("<script"), std::string::npos);
  std::istringstream lines(md);
  std::size_t columns = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) {
      columns = 0;
      continue;
    }
    const std::size_t cells = count(line, "|") - count(line, "\\|");
    if (columns == 0) columns = cells;
    EXPECT_EQ(cells, columns) << line;
  }
}

TEST(ComparisonReport, EveryLineOfTheCsvHasAsManyCells) {
  std::istringstream lines(render("csv", example()));
  std::string line;
  std::getline(lines, line);
  const std::size_t commas = count(line, ",");
  EXPECT_EQ(commas, 22u + 1) << "a column for the axis";
  std::size_t rows = 0;
  while (std::getline(lines, line)) {
    ++rows;
    std::size_t quotes = 0, cells = 0;
    for (const char c : line) {
      quotes += c == '"';
      cells += c == ',' && quotes % 2 == 0;
    }
    EXPECT_EQ(cells, commas) << line;
  }
  EXPECT_EQ(rows, 4u * 2 + 1 + 2);  // two figures a case; one not measured; two that one result alone has
}

TEST(ComparisonReport, OfManyCasesShowsThoseFirstThatDiffer) {
  std::vector<CaseResult> base, other;
  for (int i = 0; i < 400; ++i) {
    base.push_back(compared_case("llm/batch=" + std::to_string(i), 1, 10));
    other.push_back(compared_case("llm/batch=" + std::to_string(i), i == 399 ? 2 : 1, 10));
  }
  const std::string md = render("markdown", comparison_input({compared_result("A", std::move(base)),
                                                              compared_result("B", std::move(other))}));
  EXPECT_LT(md.find("`batch=399`"), md.find("`batch=0`"));
  EXPECT_NE(md.find("(60 of 400 figures)"), std::string::npos);
  EXPECT_NE(md.find("The first 300 of 400; all of them are in comparison.json."), std::string::npos);
}

TEST(ComparisonReport, ResultsWithNothingInCommonStillMakeEveryFormat) {
  for (const ComparisonFormat& format : comparison_formats()) {
    const std::string text = format.render(comparison_input({Result(), Result()})).text;
    EXPECT_FALSE(text.empty()) << format.name;
    EXPECT_EQ(text.find("nan"), std::string::npos) << format.name;
  }
}

TEST(ComparisonReport, CallsResultsByTheirLabelsAndGivesAxesColumns) {
  Result before = example_result(), after = example_result();
  before.label = "before";
  after.label = "after";
  const ComparisonInput input = comparison_input({before, after}, {}, "");
  EXPECT_NE(find_comparison_format("markdown").render(input).text.find("# after compared with before\n"),
            std::string::npos);
  const std::string csv = find_comparison_format("csv").render(input).text;
  EXPECT_NE(csv.find(",why,batch\n"), std::string::npos) << csv.substr(0, 400);
  EXPECT_NE(csv.find("\nbefore,after,llm/test-model/bf16/batch=8,"), std::string::npos);
  const ComparisonInput titled = comparison_input({before, after}, {}, "Driver 570 or 580");
  EXPECT_TRUE(find_comparison_format("markdown").render(titled).text.starts_with("# Driver 570 or 580\n"));
}

}  // namespace
}  // namespace assay::comparison_report_tests
