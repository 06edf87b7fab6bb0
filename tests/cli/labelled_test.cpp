// SPDX-License-Identifier: Apache-2.0
// LABEL=PATH where a command takes results, and --title.
#include <gtest/gtest.h>

#include "support/program.h"

namespace assay::labelled_tests {
namespace {

using test::assay;
using test::Said;
using test::TemporaryFolder;
using test::text_of;

/// Two files of one result, of which one has a '=' in its own name.
struct TwoFiles {
  TemporaryFolder folder;
  std::string kept = text_of(std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json");
  std::string a = folder.write("a.json", kept).string();
  std::string b = folder.write("batch=8.json", kept).string();
  std::string out = (folder.path() / "out").string();
};

TEST(Labels, TellTwoRunsOfOneMachineApartInReports) {
  const TwoFiles files;
  ASSERT_EQ(assay("report before=" + files.a + " after=" + files.b +
                  " --format csv --format markdown --out " + files.out)
                .exit_code,
            0);
  EXPECT_TRUE(text_of(files.out + "/report.md").starts_with("# before, after\n"));
  EXPECT_NE(text_of(files.out + "/report.csv").find("\nafter,llm/test-model"), std::string::npos);
}

TEST(Labels, TellThemApartInComparisons) {
  const TwoFiles files;
  assay("compare before=" + files.a + " after=" + files.b + " --format markdown --out " + files.out +
        " --title 'Two drivers'");
  const std::string md = text_of(files.out + "/comparison.md");
  EXPECT_TRUE(md.starts_with("# Two drivers\n")) << md.substr(0, 100);
  EXPECT_NE(md.find("> after compared with before: "), std::string::npos) << md.substr(0, 300);
}

TEST(Labels, AreNoPartOfAFileThatHasAnEqualsSign) {
  const TwoFiles files;
  const Said said = assay("report " + files.b + " --format markdown --title Mine --out " + files.out);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(text_of(files.out + "/report.md").starts_with("# Mine\n"));
}

TEST(Labels, AreOneResultsEach) {
  const TwoFiles files;
  const Said said = assay("report x=" + files.a + " x=" + files.b + " --out " + files.out);
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("two results are called \"x\""), std::string::npos) << said.err;
}

}  // namespace
}  // namespace assay::labelled_tests
