// SPDX-License-Identifier: Apache-2.0
// `assay report --template` as a user meets it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/program.h"

namespace assay::test::template_tests {
namespace {

const std::string kResult = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json";

TEST(Template, WhatIsMadeOfItHasItsEnding) {
  for (const auto& [name, made] :
       {std::pair("house.html.mustache", "report.html"), std::pair("report.md", "report.md"),
        std::pair("x.mustache", "report.html"), std::pair("x.txt.mustache", "report.txt")}) {
    const TemporaryFolder folder;
    const std::string file = folder.write(name, "one {{#results}}{{name}}{{/results}}").string();
    const std::string out = (folder.path() / "out").string();
    const Said said = assay("report " + kResult + " --template " + file + " --out " + out);
    EXPECT_EQ(said.exit_code, 0) << said.err;
    EXPECT_EQ(said.out, out + "/" + made + "\n");
    EXPECT_TRUE(text_of(out + "/" + made).starts_with("one ")) << name;
  }
}

TEST(Template, OneThatIsNotThereIsAnErrorThatNamesWhatIs) {
  const TemporaryFolder folder;
  const Said said =
      assay("report " + kResult + " --template customers --out " + (folder.path() / "out").string());
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("there is no file customers"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("did you mean customer?"), std::string::npos) << said.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

}  // namespace
}  // namespace assay::test::template_tests
