// SPDX-License-Identifier: Apache-2.0
#include "acceptance/brief.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace assay::brief_tests {
namespace {

using test::bad_input;

Json brief_with(Json limit) {
  return {{"question", "Is it fast enough?"}, {"acceptance", Json::array({std::move(limit)})}};
}

TEST(Brief, ReadsALimitInTheCustomersWords) {
  const Brief brief = brief_from_json(brief_with({{"name", "Words appear at once"},
                                                  {"where", {{"workload", "llm"}, {"batch", {1, 8}}}},
                                                  {"metric", "time_to_first_token_s"},
                                                  {"statistic", "p99"},
                                                  {"at_most", 0.5},
                                                  {"capacity", {{"of", "batch"}, {"at_least", 8}}}}),
                                      "report.json");
  ASSERT_EQ(brief.acceptance.size(), 1u);
  const AcceptanceLimit& limit = brief.acceptance[0];
  EXPECT_EQ(limit.name, "Words appear at once");
  EXPECT_EQ(limit.statistic, Stat::p99);
  EXPECT_EQ(limit.at_most, 0.5);
  EXPECT_EQ(limit.capacity->at_least, 8);
  EXPECT_EQ(brief_from_json(to_json(brief), "again").acceptance[0].choice.where, limit.choice.where);
}

TEST(Brief, RefusesWhatLimitsNothingOrCannotHold) {
  ASSAY_EXPECT_HAS(bad_input([] {
                     brief_from_json(brief_with({{"name", "x"}, {"metric", "m"}}), "r.json");
                   }),
                   "r.json:/acceptance/0: limits nothing");
  ASSAY_EXPECT_HAS(bad_input([] {
                     brief_from_json(
                         brief_with({{"name", "x"}, {"metric", "m"}, {"at_most", 1}, {"at_least", 2}}),
                         "r.json");
                   }),
                   "r.json:/acceptance/0/at_most: is below its at_least");
  ASSAY_EXPECT_HAS(
      bad_input([] {
        brief_from_json(brief_with({{"name", "x"}, {"metric", "m"}, {"at_most", 1}, {"where", 3}}), "r.json");
      }),
      "/acceptance/0/where: is no object");
  ASSAY_EXPECT_HAS(
      bad_input([] {
        brief_from_json(
            brief_with(
                {{"name", "x"}, {"metric", "m"}, {"at_most", 1}, {"where", {{"batch", Json::object()}}}}),
            "r.json");
      }),
      "neither a value nor a list of values");
}

TEST(Brief, NamesTheNearestKeyOfATypo) {
  ASSAY_EXPECT_HAS(bad_input([] { brief_from_json({{"questoin", "?"}}, "r.json"); }), "question");
  ASSAY_EXPECT_HAS(bad_input([] {
                     brief_from_json({{"schema", "assay.about/9"}}, "r.json");
                   }),
                   "assay.about/1");
}

}  // namespace
}  // namespace assay::brief_tests
