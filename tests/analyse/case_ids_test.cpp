// SPDX-License-Identifier: Apache-2.0
#include "analyse/case_ids.h"

#include <gtest/gtest.h>

#include <vector>

namespace assay::case_ids_tests {
namespace {

std::string start(const std::vector<std::string_view>& ids) {
  return common_start(ids);
}

TEST(CaseIds, ShareWholePartsAndKeepTheirLast) {
  EXPECT_EQ(start({"llm/a/bf16/batch=1", "llm/a/bf16/batch=2"}), "llm/a/bf16");
  EXPECT_EQ(start({"llm/a/x", "llm/ab/x"}), "llm");
  EXPECT_EQ(start({"llm/a/x", "vision/a/x"}), "");
  EXPECT_EQ(start({"llm/a/x"}), "llm/a");
  EXPECT_EQ(start({"llm/a", "llm/a/x"}), "llm");  // of the first its last part stays
  EXPECT_EQ(start({"x", "y"}), "");
  EXPECT_EQ(start({}), "");
}

TEST(CaseIds, LoseWhatTheyShare) {
  EXPECT_EQ(shortened_id("llm/a/x", "llm/a"), "x");
  EXPECT_EQ(shortened_id("llm/a/x", ""), "llm/a/x");
}

}  // namespace
}  // namespace assay::case_ids_tests
