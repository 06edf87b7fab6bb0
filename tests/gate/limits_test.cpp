// SPDX-License-Identifier: Apache-2.0
#include "gate/limits.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json_file.h"
#include "gate/known.h"

namespace assay::limits_tests {
namespace {

std::string complaint(const std::string& text) {
  try {
    limits_from_json(parse_json(text, "limits.json"), "limits.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::bad_input);
    EXPECT_FALSE(error.hint.empty());
    return error.what();
  }
  return "";
}

TEST(Limits, PatternsFitWholeNames) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("*", "llm/x/batch=1"));
  EXPECT_TRUE(fits("llm/*/batch=1", "llm/x/bf16/batch=1"));
  EXPECT_FALSE(fits("llm/*/batch=1", "llm/x/bf16/batch=16"));
  EXPECT_FALSE(fits("llm", "llm/x"));
  EXPECT_TRUE(fits("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(fits("a*b*c", "a-c-b"));
  EXPECT_TRUE(fits("**a**", "bab"));
  // A pattern of many stars does not take for ever.
  std::string stars;
  for (int i = 0; i < 60; ++i) stars += "*a";
  EXPECT_FALSE(fits(stars + "b", std::string(5000, 'a')));
}

TEST(Limits, OfAFileAreReadStrictly) {
  EXPECT_EQ(complaint(R"({"schema": "assay.limits/1", "limits": [{"loss": 0.03}]})"), "");
  EXPECT_NE(complaint(R"({"schema": "assay.limits/2"})").find("limits.json:/schema"), std::string::npos);
  EXPECT_NE(complaint(R"({"schema": "assay.limits/1", "limits": [{"metric": "*"}]})").find("/limits/0"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"schema": "assay.limits/1", "limits": [{"loss": -1}]})").find("/limits/0/loss"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"schema": "assay.limits/1", "limits": [{"lost": 1}]})").find("lost"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"schema": "assay.limits/1", "limits": [{"loss": 0.05, "must_catch": 0.03}]})")
                .find("must_catch"),
            std::string::npos);
  EXPECT_NE(
      complaint(R"({"schema": "assay.limits/1", "limits": [{"at_most": 1, "at_least": 2}]})").find("at_most"),
      std::string::npos);
  EXPECT_NE(complaint("[]"), "");
}

TEST(Limits, AreWrittenAsTheyAreRead) {
  Limits limits;
  limits.name = "x";
  Limit limit;
  limit.loss = 0.03;
  limits.limits.push_back(limit);
  limits.noise.push_back({.case_id = "a",
                          .device = "cpu",
                          .of = "pass",
                          .sessions = 8,
                          .pairs = 10,
                          .floor = 0.02,
                          .deviation = 0.01,
                          .largest = 0.03,
                          .degrees = 4});
  const Limits again = limits_from_json(to_json(limits), "limits.json");
  EXPECT_EQ(to_json(again), to_json(limits));
  EXPECT_NE(find_noise(again, "a", "cpu", "pass", Stat::median, false), nullptr);
  EXPECT_EQ(find_noise(again, "a", "cpu", "pass", Stat::median, true), nullptr);
}

TEST(Known, NeedsAReasonAndAnEnd) {
  const auto complain = [](const std::string& entry) -> std::string {
    try {
      known_from_json(parse_json("{\"schema\": \"assay.known/1\", \"known\": [" + entry + "]}", "known.json"),
                      "known.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complain(R"({"loss": 0.1, "reason": "checks", "until": "2026-12-31"})"), "");
  EXPECT_NE(complain(R"({"loss": 0.1, "reason": "checks", "until": "2026-02-30"})").find("/known/0/until"),
            std::string::npos);
  EXPECT_NE(complain(R"({"loss": 0.1, "reason": "checks", "until": "soon"})").find("/known/0/until"),
            std::string::npos);
  EXPECT_NE(complain(R"({"loss": 0.1, "reason": "", "until": "2026-12-31"})").find("/known/0/reason"),
            std::string::npos);
  EXPECT_NE(complain(R"({"loss": 0.1, "until": "2026-12-31"})").find("reason"), std::string::npos);
}

}  // namespace
}  // namespace assay::limits_tests
