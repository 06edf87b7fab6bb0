// SPDX-License-Identifier: Apache-2.0
// `assay report --redact` as a user meets it.
#include <gtest/gtest.h>

#include "result/result_json.h"
#include "support/compared_results.h"
#include "support/program.h"

namespace assay::test::redact_tests {
namespace {

/// All files of a folder, their names included.
std::string all_of(const std::filesystem::path& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    all += entry.path().lexically_relative(folder).string() + "\n";
    if (entry.is_regular_file()) all += text_of(entry.path());
  }
  return all;
}

TEST(ReportRedacted, HoldsNoNameOfAnInputFileOrOfTheMachine) {
  const TemporaryFolder folder;
  std::vector<Result> pair = compared_pair();
  pair[0].environment["hostname"] = "zeus-17";
  pair[1].cases[0].warnings = {"vulcan-3 and quilla: see " + (folder.path() / "plan9.json").string()};
  const std::string a = (folder.path() / "zeus-17.json").string(),
                    b = (folder.path() / "plan9.json").string();
  write_result(a, pair[0]);
  write_result(b, pair[1]);
  const std::string out = (folder.path() / "out").string(), made = (folder.path() / "house.txt").string();
  std::ofstream(made + ".mustache")
      << "{{#results}}{{label}} {{name}} {{#warnings}}{{.}}{{/warnings}}{{/results}}";
  for (const std::string& more : {std::string("--format markdown --format html --format json --format csv"),
                                  "--template " + made + ".mustache"}) {
    const Said said =
        run_program("USER=quilla " + std::string(ASSAY_BINARY) + " report zeus-17=" + a + " after=" + b +
                    " --redact --title 'Of zeus-17 and quilla' --out " + out + " " + more);
    EXPECT_EQ(said.exit_code, 0) << said.err;
  }
  const std::string all = all_of(out);
  EXPECT_NE(all.find("Of [removed] and [removed]"), std::string::npos);
  EXPECT_NE(all.find("after"), std::string::npos);
  for (const char* trace : {"zeus", "plan9", "quilla", "house", "assay-test-"})
    EXPECT_EQ(all.find(trace), std::string::npos)
        << all.substr(all.find(trace) < 200 ? 0 : all.find(trace) - 200, 400);
}

}  // namespace
}  // namespace assay::test::redact_tests
