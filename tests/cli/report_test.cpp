// SPDX-License-Identifier: Apache-2.0
// `assay report` as a user meets it: what its reports say of the files that they are made of.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/json_file.h"
#include "base/sha256.h"
#include "support/program.h"

namespace assay::test::report_tests {
namespace {

namespace fs = std::filesystem;
const std::string kResult = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json";

TEST(ReportCommand, NamesTheFilesThatItReadByTheirHashes) {
  const TemporaryFolder folder;
  const std::string changed = folder.write("changed.json", text_of(kResult) + "\n").string();
  const std::string out = (folder.path() / "out").string();
  const Said said = assay("report " + kResult + " again=" + changed + " --format json --out " + out);
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json data = load_json(fs::path(out) / "report.json")["status"]["data"];
  ASSERT_EQ(data.size(), 2u);
  EXPECT_EQ(data[0]["label"], "Golden test");
  EXPECT_EQ(data[0]["sha256"], sha256_hex(text_of(kResult)));
  EXPECT_EQ(data[1]["label"], "again");
  EXPECT_EQ(data[1]["sha256"], sha256_hex(text_of(changed)));
}

TEST(ReportCommand, WritesEveryTableBesideTheirIndex) {
  const TemporaryFolder folder;
  const Said said = assay("report " + kResult + " --format tables --out " + folder.path().string());
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out, folder.path().string() + "/report.tables.json\n");
  const Json tables = load_json(folder.path() / "report.tables.json")["tables"];
  ASSERT_FALSE(tables.empty());
  for (const Json& table : tables)
    EXPECT_TRUE(fs::exists(folder.path() / table["file"].get<std::string>())) << table["file"];
}

}  // namespace
}  // namespace assay::test::report_tests
