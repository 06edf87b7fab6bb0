// SPDX-License-Identifier: Apache-2.0
#include "acceptance/systems.h"

#include <gtest/gtest.h>

#include "support/swept_result.h"

namespace assay::systems_tests {
namespace {

TEST(Systems, AreTheDevicesWhereNothingElseIsAskedFor) {
  const std::vector<Result> results = compared_pair();
  const std::vector<System> systems = systems_of(summarise(results), {});
  ASSERT_EQ(systems.size(), 2u);
  EXPECT_EQ(systems[0].label, "Test GPU A");
  EXPECT_EQ(systems[1].cases.size(), 6u);
}

TEST(Systems, AreTheValuesOfWhatIsComparedAcross) {
  const std::vector<Result> results = {two_formats()};
  const std::vector<System> systems = systems_of(summarise(results), {"dtype"});
  ASSERT_EQ(systems.size(), 2u);
  EXPECT_EQ(systems[0].label, "f32");
  EXPECT_EQ(systems[1].label, "bf16");
  EXPECT_EQ(systems[1].cases, (std::vector<std::size_t>{3, 4, 5}));
}

TEST(Systems, CasesAreMeantByIdAndBySettings) {
  const std::vector<Result> results = {two_formats()};
  const Summary summary = summarise(results);
  const CaseSummary& one = summary.cases[4];  // bf16, batch 4
  EXPECT_TRUE(is_meant({.cases = "llm/*", .where = {{"batch", 4}, {"dtype", "bf16"}}}, one));
  EXPECT_TRUE(is_meant({.cases = "*", .where = {{"batch", {1, 4}}, {"model", "test-model"}}}, one));
  EXPECT_FALSE(is_meant({.cases = "vision/*", .where = Json::object()}, one));
  EXPECT_FALSE(is_meant({.cases = "*", .where = {{"batch", "4"}}}, one)) << "a text is no number";
}

TEST(Systems, SayWhatThereIsWhereNoCaseIsMeant) {
  const std::vector<Result> results = {two_formats()};
  const Summary summary = summarise(results);
  EXPECT_EQ(why_none_is_meant({.cases = "*", .where = {{"batchs", 4}}}, summary),
            "no case has a setting \"batchs\"; they have batch, dtype, model, prompt_tokens, workload");
  EXPECT_EQ(why_none_is_meant({.cases = "*", .where = {{"batch", 5}}}, summary),
            "no case has batch 5; there is 1, 16, 4");
  EXPECT_EQ(why_none_is_meant({.cases = "vision/*", .where = Json::object()}, summary),
            "no case's id fits \"vision/*\"");
}

}  // namespace
}  // namespace assay::systems_tests
