// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace assay::text_tests {
namespace {

TEST(Text, JoinsWithASeparator) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
}

TEST(Text, FindsTheNearestWordForATypo) {
  const std::vector<std::string> known = {"batch", "prompt_tokens", "generate_tokens"};
  EXPECT_EQ(nearest("bacth", known), "batch");
  EXPECT_EQ(nearest("prompt_token", known), "prompt_tokens");
  EXPECT_EQ(nearest("generate", known), "");
  EXPECT_EQ(nearest("zzzzzzzz", known), "");
  EXPECT_EQ(nearest(std::string(1 << 20, 'x'), known), "");
}

}  // namespace
}  // namespace assay::text_tests
