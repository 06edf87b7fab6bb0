// SPDX-License-Identifier: Apache-2.0
// `assay compare` as a user meets it.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json_file.h"
#include "result/result_json.h"
#include "support/compared_results.h"
#include "support/program.h"

namespace assay::test::compare_tests {
namespace {

struct Files {
  TemporaryFolder folder;
  std::string a, b, out = (folder.path() / "out").string();

  explicit Files(const std::vector<Result>& pair = compared_pair())
      : a((folder.path() / "a.json").string()), b((folder.path() / "b.json").string()) {
    write_result(a, pair[0]);
    write_result(b, pair[1]);
  }
  Said compare(const std::string& more = "") const {
    return assay("compare " + a + " " + b + " --out " + out + more);
  }
};

TEST(Compare, PrintsPathsAndSaysTheAnswerBeside) {
  const Files files;
  const Said said = files.compare();
  EXPECT_EQ(said.exit_code, 0) << said.err;  // although something is slower
  EXPECT_EQ(said.out, files.out + "/comparison.json\n" + files.out + "/comparison.md\n" + files.out +
                          "/comparison.html\n");
  EXPECT_NE(said.err.find("Test GPU B compared with Test GPU A: of 4 figures 1 faster"), std::string::npos)
      << said.err;
  const Json json = load_json(files.out + "/comparison.json");
  EXPECT_EQ(json["schema"], "assay.comparison/1");
  EXPECT_EQ(json["others"][0]["counts"]["slower"], 1);
  EXPECT_NE(text_of(files.out + "/comparison.html").find("<svg"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(files.out + "/charts/ratios-1.svg"));
}

TEST(Compare, WritesTheFormatsThatAreAskedFor) {
  const Files files;
  const Said said = files.compare(" --format csv --format json --quiet");
  EXPECT_EQ(said.out, files.out + "/comparison.csv\n" + files.out + "/comparison.json\n");
  EXPECT_EQ(said.err, "");
  EXPECT_FALSE(std::filesystem::exists(files.out + "/comparison.md"));
}

TEST(Compare, TakesPricesFromAFile) {
  const Files files;
  const std::string prices = files.folder
                                 .write("prices.json", R"({
    "currency": "EUR",  // an hour
    "devices": [{"match": "GPU A", "per_hour": 2}, {"match": "GPU B", "per_hour": 3}]})")
                                 .string();
  ASSERT_EQ(files.compare(" --prices " + prices).exit_code, 0);
  const Json money = load_json(files.out + "/comparison.json")["others"][0]["cases"][0]["per_money"];
  EXPECT_NEAR(money["ratio"].get<double>(), 4.0 / 3, 1e-9);
  const std::string wrong = files.folder.write("wrong.json", R"({"currency": "EUR", "price": 2})").string();
  const Said said = files.compare(" --prices " + wrong);
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("wrong.json:/"), std::string::npos) << said.err;
}

TEST(Compare, ExitsWithFourWhereOutputsDisagree) {
  std::vector<Result> pair = compared_pair();
  pair[1].cases[0].verification->outputs["logits"].values = {1, 2, 2};
  const Files files(pair);
  const Said said = files.compare();
  EXPECT_EQ(said.exit_code, 4);
  EXPECT_NE(said.err.find("error: outputs for the same seed and weights disagree\n  hint: "),
            std::string::npos)
      << said.err;
  EXPECT_TRUE(std::filesystem::exists(files.out + "/comparison.html"));
}

TEST(Compare, ExitsWithFiveWhereNothingCanBeCompared) {
  const Files files(
      {compared_result("A", {compared_case("llm/x", 1)}), compared_result("B", {compared_case("llm/y", 1)})});
  const Said said = files.compare();
  EXPECT_EQ(said.exit_code, 5);
  EXPECT_NE(said.err.find("error: B: shares no case with A that can be compared"), std::string::npos)
      << said.err;
  EXPECT_EQ(load_json(files.out + "/comparison.json")["others"][0]["only_in_base"][0]["id"], "llm/x");
}

TEST(Compare, NeedsTwoResultsThatAreThere) {
  const Files files;
  for (const std::string& arguments : {files.a, files.a + " " + files.a + ".absent"}) {
    const Said said = assay("compare " + arguments + " --out " + files.out);
    EXPECT_EQ(said.exit_code, 2) << arguments;
    EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
  }
  EXPECT_FALSE(std::filesystem::exists(files.out));
}

}  // namespace
}  // namespace assay::test::compare_tests
