// SPDX-License-Identifier: Apache-2.0
#include "analyse/case_settings.h"

#include <gtest/gtest.h>

namespace assay::case_settings_tests {
namespace {

CaseResult swept() {
  CaseResult one;
  one.workload = "llm";
  one.run = "chat";
  one.axes = {{"dtype", "bf16"}, {"batch", 8}};
  return one;
}

TEST(CaseSettings, HoldWhatWasNotSweptToo) {
  CaseResult one = swept();
  one.load = {{"batch", 8}, {"prompt_tokens", 512}};
  EXPECT_EQ(settings_of(one, {}), (Json{{"dtype", "bf16"}, {"batch", 8}, {"prompt_tokens", 512}}));
}

TEST(CaseSettings, FlattenWhatALoadNests) {
  CaseResult one;
  one.load = {{"traffic", {{"skew", 1.05}, {"of", "users"}}}};
  one.axes = {{"traffic.skew", 0}};
  EXPECT_EQ(settings_of(one, {}), (Json{{"traffic.skew", 0}, {"traffic.of", "users"}}));
}

TEST(CaseSettings, OfAnOlderResultComeFromTheConfigThatItEchoes) {
  Result result;
  result.config = {{"workload", "llm"},
                   {"name", "chat"},
                   {"dtype", {"bf16", "f16"}},
                   {"load", {{"batch", {1, 8}}, {"prompt_tokens", 512}}}};
  const Json expected = {{"dtype", "bf16"}, {"batch", 8}, {"prompt_tokens", 512}};
  EXPECT_EQ(settings_of(swept(), result), expected);
  Json other = result.config;
  other["name"] = "other";
  other["load"]["prompt_tokens"] = 3;
  result.config = {{"name", "suite"}, {"runs", {other, result.config}}};
  EXPECT_EQ(settings_of(swept(), result), expected);
}

TEST(CaseSettings, SayNoMoreThanIsKnown) {
  EXPECT_EQ(settings_of(swept(), {}), (Json{{"dtype", "bf16"}, {"batch", 8}}));
  Result odd;
  odd.config = Json::array({1});
  EXPECT_EQ(settings_of(CaseResult(), odd), Json::object());
}

}  // namespace
}  // namespace assay::case_settings_tests
