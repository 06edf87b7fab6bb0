// SPDX-License-Identifier: Apache-2.0
#include "reports/verdict.h"

#include <gtest/gtest.h>

#include "gate/simulated.h"
#include "reports/formats.h"

namespace assay::verdict_tests {
namespace {

using gate_test::loss_limits;
using gate_test::result;

GateVerdict judged(int cases, double slower) {
  const Result base = result(cases, 8, 1), candidate = result(cases, 8, 2, slower);
  const Limits limits = loss_limits();
  return gate({.base = base, .candidate = candidate, .limits = limits, .today = "2026-06-01"});
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Verdict, SaysInMarkdownWhatFailedFirstWithAdvice) {
  const std::string text = markdown_of(verdict_document(judged(3, 1.1))).text;
  EXPECT_TRUE(holds(text, "# Performance gate: fail")) << text;
  EXPECT_TRUE(holds(text, "2 of 3 limits hold, 1 do not")) << text;
  EXPECT_LT(text.find("`case 0`"), text.find("`case 1`"));
  EXPECT_TRUE(holds(text, "Look at what changed for this case")) << text;
}

TEST(Verdict, FitsACommentHoweverMuchFails) {
  GateVerdict verdict = judged(2, 1.1);
  const GateEntry failing = verdict.entries[0];
  for (int i = 0; i < 3000; ++i) verdict.entries.push_back(failing);
  const std::string text = pull_request_markdown(verdict);
  EXPECT_LE(text.size(), 65536u);
  EXPECT_TRUE(holds(text, "verdict.json has all of it"));
}

TEST(Verdict, InJunitCountsWhatCannotBeToldAsAnError) {
  GateVerdict verdict = judged(3, 1.1);
  verdict.entries[2].verdict = Outcome::cannot_tell;
  verdict.entries[2].why = "a <loss> & \"more\"\x01";
  verdict.missing = {"case 9 on cpu is not in the candidate"};
  const std::string xml = junit_xml(verdict);
  EXPECT_TRUE(holds(xml, "tests=\"4\" failures=\"1\" errors=\"2\"")) << xml;
  EXPECT_TRUE(holds(xml, "a &lt;loss&gt; &amp; &quot;more&quot;")) << xml;
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
  EXPECT_TRUE(holds(junit_xml(judged(3, 1)), "failures=\"0\" errors=\"0\""));
  GateVerdict nothing = judged(0, 1);
  EXPECT_TRUE(holds(junit_xml(nothing), "errors=\"1\"")) << junit_xml(nothing);
}

TEST(Verdict, InAnnotationsEscapesWhatEndsThem) {
  GateVerdict verdict = judged(2, 1.1);
  verdict.entries[0].case_id = "llm/x: a,b";
  verdict.entries[0].why = "100 %\nnext";
  const std::string text = github_annotations(verdict);
  EXPECT_TRUE(holds(text, "::error title=assay gate%3A llm/x%3A a%2Cb%2C latency_s::100 %25%0Anext")) << text;
  EXPECT_TRUE(holds(text, "::error title=assay gate%3A fail::")) << text;
}

TEST(Verdict, OnATerminalNamesWhatDoesNotHoldAndSumsUp) {
  const std::string text = verdict_text(judged(3, 1.1));
  EXPECT_TRUE(holds(text, "fail: case 0, latency_s: +")) << text;
  EXPECT_TRUE(holds(text, "\n  hint: look at")) << text;
  EXPECT_FALSE(holds(text, "case 1"));
  EXPECT_EQ(verdict_text(judged(3, 1)), "pass: 3 of 3 limits hold\n");
}

TEST(Verdict, OfACalibrationIsATableAKind) {
  std::vector<Result> same;
  for (std::uint64_t i = 0; i < 12; ++i) same.push_back(result(2, 8, 50 + i));
  const Calibration found = calibrate(same, loss_limits(), 500, 1);
  const std::string text = markdown_of(calibration_document(found)).text;
  EXPECT_TRUE(holds(text, "12 runs of 8 sessions, 66 pairs")) << text;
  EXPECT_TRUE(holds(text, "each half judged by bounds that were made from the other")) << text;
  EXPECT_TRUE(holds(markdown_of(plan_document(plan_sessions(found, 0.05, 2.0), 0.05)).text, "0:16"))
      << markdown_of(plan_document(plan_sessions(found, 0.05, 2.0), 0.05)).text;
}

}  // namespace
}  // namespace assay::verdict_tests
