// SPDX-License-Identifier: Apache-2.0
// How a report is divided: by workload, by model, and what is of the machine once behind them.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "reports/view.h"
#include "support/three_workloads.h"

namespace assay::groups_tests {
namespace {

std::string markdown(const Result& r) {
  return find_report("markdown").render(report_input({r})).text;
}

std::vector<std::string> headings(const std::string& md) {
  std::vector<std::string> all;
  std::istringstream lines(md);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("##")) all.push_back(line);
  return all;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

/// What stands below a heading, up to the next of its level or above.
std::string below(const std::string& md, const std::string& heading) {
  const std::size_t begin = md.find("\n" + heading + "\n");
  if (begin == std::string::npos) return {};
  std::size_t end = md.size();
  for (std::string level = "## "; level.size() <= heading.find(' ') + 1; level.insert(0, "#"))
    end = std::min(end, md.find("\n" + level, begin + 1));
  return md.substr(begin, end - begin);
}

TEST(Groups, AWorkloadIsASectionAndAModelUnderItsConditionsAPartOfIt) {
  std::vector<std::string> found;
  for (const std::string& heading : headings(markdown(three_workloads())))
    if (!heading.starts_with("####")) found.push_back(heading);
  const std::vector<std::string> expected = {"## Summary",
                                             "### Not measured",
                                             "### Read with care",
                                             "## LLM",
                                             "### test-model",
                                             "### other-model, skew 1.05",
                                             "## Recommender",
                                             "### ranker, skew 0",
                                             "### ranker, skew 1.05",
                                             "## Vision",
                                             "### net",
                                             "## The machine meanwhile",
                                             "## Environment",
                                             "## Method",
                                             "## Limits",
                                             "## How to repeat it",
                                             "## Appendix: operations",
                                             "## Appendix: verification"};
  EXPECT_EQ(found, expected);
}

TEST(Groups, EveryModelHasItsSectionsInOneOrder) {
  const std::vector<std::string> found =
      headings(below(markdown(three_workloads()), "### ranker, skew 1.05"));
  const std::vector<std::string> expected = {"### ranker, skew 1.05",
                                             "#### Every figure with its spread",
                                             "#### Devices side by side",
                                             "#### The way from the host to answers",
                                             "#### What was looked at, and found",
                                             "#### Parts of the model, and its lookups",
                                             "#### Where the time goes",
                                             "#### Model and memory"};
  EXPECT_EQ(found, expected);
}

TEST(Groups, AModelsPartSpeaksOfItsOwnCasesAlone) {
  const std::string md = markdown(three_workloads());
  const std::string part = below(md, "### net");
  EXPECT_NE(part.find("`vision/net/batch=1`"), std::string::npos);
  for (const char* other : {"test-model", "ranker", "other-model", "batch=8"})
    EXPECT_EQ(part.find(other), std::string::npos) << other;
  EXPECT_EQ(count(md, "Caches served: the share"), 1u) << "how to read a table is said once";
}

TEST(Groups, OneModelAloneHasNoHeadingsForWorkloadAndModel) {
  Result r = example_result();
  r.cases.resize(2);
  const std::vector<std::string> found = headings(markdown(r));
  EXPECT_EQ(std::ranges::count(found, "## Cases"), 1);
  EXPECT_EQ(std::ranges::count(found, "## Where the time goes"), 1);
  for (const std::string& heading : found) {
    EXPECT_FALSE(heading.starts_with("####")) << heading;
    EXPECT_EQ(heading.find("test-model"), std::string::npos) << heading;
  }
}

TEST(Groups, IdsOfFiguresAndSectionsAreUnique) {
  const std::string html = find_report("html").render(report_input({three_workloads()})).text;
  std::set<std::string> ids;
  for (std::size_t at = html.find(" id=\""); at != std::string::npos; at = html.find(" id=\"", at + 1)) {
    const std::string id = html.substr(at + 5, html.find('"', at + 5) - at - 5);
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
  EXPECT_GT(ids.size(), 20u);
  std::set<std::string> files;
  for (const Attachment& file : find_report("markdown").render(report_input({three_workloads()})).attachments)
    EXPECT_TRUE(files.insert(file.path).second) << file.path;
}

TEST(Groups, NamesThatAreOneAsAnAnchorGetNumbers) {
  Result r = example_result();
  r.cases = {r.cases[0], r.cases[0], r.cases[0]};
  for (const auto& [i, workload] : {std::pair(0, "method"), {1, "my work"}, {2, "my_work"}})
    r.cases[static_cast<std::size_t>(i)].workload = workload;
  const ReportInput input = report_input({r});
  const std::vector<WorkloadView> views = views_of(input);
  ASSERT_EQ(views.size(), 3u);
  EXPECT_EQ(views[0].title, "Method 2");
  EXPECT_EQ(views[1].title, "My work");
  EXPECT_EQ(views[2].title, "My work 2");
  EXPECT_EQ(views[2].models[0].view.id, "my-work-2");
}

TEST(Groups, ACaseThatDidNotRunStandsWithItsModel) {
  Result r = three_workloads();
  CaseResult skipped = r.cases[5];
  skipped.id = "llm/other-model/bf16/batch=9";
  skipped.status = CaseStatus::skipped;
  skipped.facts.clear();  // so that it knows no skew
  r.cases.insert(r.cases.begin(), skipped);
  const ReportInput input = report_input({r});
  const std::vector<WorkloadView> views = views_of(input);
  ASSERT_EQ(views[0].models.size(), 2u);
  EXPECT_EQ(views[0].models[0].title, "other-model, skew 1.05");
  EXPECT_EQ(views[0].models[0].view.cases.size(), 3u);
}

TEST(Groups, TheSummaryAnswersInASentenceAModelAndDevice) {
  const std::string summary = below(markdown(three_workloads()), "## Summary");
  EXPECT_NE(summary.find(
                "\n- **test-model** on **Test device**: time to first token **6.00 ms** ±1.0 % "
                "(batch=1), output tokens per second **6,670 tokens/s** ±1.0 % "
                "(batch=8; disturbed); decode is by its counts memory-bound, at 24.0 % of the bound at the "
                "datasheet's peaks; its share of the bound is withheld, since "),
            std::string::npos)
      << summary;
  EXPECT_EQ(count(summary, "\n- **ranker, skew 0** on **Test device 2**: "), 1u);
  EXPECT_EQ(count(summary, "takes"), 0u) << "what each stage takes stands with its case";
}

TEST(Groups, ModelsOfAWorkloadStandSideBySideAboveThem) {
  const std::string md = markdown(three_workloads());
  const std::string llm = below(md, "## LLM");
  EXPECT_LT(llm.find("*Figures by model;"), llm.find("### test-model"));
  EXPECT_LT(llm.find("charts/bars-llm-time-to-first-token-s.svg"), llm.find("### test-model"));
  EXPECT_EQ(count(below(md, "## Vision"), "*Figures by model;"), 0u)
      << "of one model it would say nothing new";
}

TEST(Groups, WhatTheOverviewShowsOfAModelIsNotShownAgain) {
  Result r = example_result();
  const std::string caption = "*Cases; below each figure";
  EXPECT_EQ(count(markdown(r), caption), 1u) << "test-model has a sweep, other-model one case a device";
  r.cases = {r.cases[0], r.cases[5]};  // one case a model
  EXPECT_EQ(count(markdown(r), caption), 0u);
}

}  // namespace
}  // namespace assay::groups_tests
