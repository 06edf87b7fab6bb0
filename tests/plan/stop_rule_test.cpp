// SPDX-License-Identifier: Apache-2.0
#include "plan/stop_rule.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace assay::stop_rule_tests {
namespace {

StopRule read(const std::string& text) {
  const Json json = Json::parse(text);
  StopRule rule;
  JsonReader(json, "a.json", "/measure").read(rule);
  return rule;
}

std::string complaint(const std::string& text) {
  return test::bad_input([&] { read(text); });
}

TEST(StopRule, TakesOneSessionAndFiveMinutesAtMostWhereNothingIsSaid) {
  const StopRule rule = read("{}");
  EXPECT_EQ(rule.sessions, 1);
  EXPECT_EQ(rule.give_up_s(), 300);
}

TEST(StopRule, NeverGivesUpBeforeMaxSeconds) {
  EXPECT_EQ(read(R"({"max_seconds": 600})").give_up_s(), 600);
  EXPECT_EQ(read(R"({"max_seconds": 2, "give_up_seconds": 20})").give_up_s(), 20);
}

TEST(StopRule, ReadsBackWhatItWrote) {
  const Json written = JsonWriter::write(read(R"({"give_up_seconds": 20, "sessions": 64})"));
  EXPECT_EQ(written["sessions"], 64);
  EXPECT_EQ(JsonWriter::write(read(written.dump())), written);
}

TEST(StopRule, RefusesWhatCannotBe) {
  ASSAY_EXPECT_HAS(complaint(R"({"sessions": 0})"),
                   "/measure/sessions: is 0 | it must be a whole number from 1 to 64");
  ASSAY_EXPECT_HAS(complaint(R"({"sessions": 65})"), "/measure/sessions: is 65");
  ASSAY_EXPECT_HAS(complaint(R"({"give_up_seconds": 0})"), "/measure/give_up_seconds: is 0");
  ASSAY_EXPECT_HAS(complaint(R"({"min_samples": 3})"),
                   "/measure/min_samples: is not a known key | did you mean \"max_samples\"?");
}

}  // namespace
}  // namespace assay::stop_rule_tests
