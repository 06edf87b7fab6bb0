// SPDX-License-Identifier: Apache-2.0
// Nothing that a user has is replaced in silence: results, and the files that an output is made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/json_file.h"
#include "support/program.h"
#include "support/tiny_config.h"

namespace assay::test::overwrite_tests {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/report.result.json";

void expect_refused(const Said& said, const std::string& names) {
  EXPECT_EQ(said.exit_code, 2) << said.err;
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
  EXPECT_NE(said.err.find(names), std::string::npos) << said.err;
}

/// In a folder, where out/ is.
Said assay_in(const fs::path& folder, const std::string& arguments) {
  return run_program("cd " + folder.string() + " && ASSAY_BACKENDS=cpu " + ASSAY_BINARY + " " + arguments);
}

std::string without_times(const TemporaryFolder& folder) {
  return "run " + tiny_config(folder) + " --device cpu --no-time --no-probes --format csv";
}

TEST(Overwrite, ARunWithoutOutGoesIntoANumberedFolderWhereThereAreResults) {
  const TemporaryFolder folder;
  EXPECT_EQ(assay_in(folder.path(), without_times(folder)).out, "out/tiny/result.json\n");
  const std::string first = text_of(folder.path() / "out/tiny/result.json");
  const Said second = assay_in(folder.path(), without_times(folder));
  EXPECT_EQ(second.out, "out/tiny-2/result.json\n");
  EXPECT_NE(second.err.find("out/tiny holds results already"), std::string::npos) << second.err;
  EXPECT_EQ(text_of(folder.path() / "out/tiny/result.json"), first);
  const std::string repro =
      load_json(folder.path() / "out/tiny-2/result.json")["cases"][0]["repro"].get<std::string>();
  EXPECT_EQ(assay_in(folder.path(), repro.substr(repro.find(' ') + 1)).out, "out/tiny-3/result.json\n")
      << "a case is repeated beside its sweep";
}

TEST(Overwrite, ARunIntoAFolderWithResultsIsRefusedUnlessItIsToReplaceThem) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  fs::create_directory(out);
  for (const char* kept : {"result.json", "cases.jsonl"}) {
    std::ofstream(out / kept) << "measured";
    expect_refused(assay(without_times(folder) + " --out " + out.string()), kept);
    EXPECT_EQ(text_of(out / kept), "measured");
    fs::remove(out / kept);
  }
  std::ofstream(out / "result.json") << "measured";
  const Said replaced = assay(without_times(folder) + " --replace --out " + out.string());
  ASSERT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_EQ(load_json(out / "result.json")["status"], "complete");
}

TEST(Overwrite, TurnsAreNotTakenOverOtherTurns) {
  const TemporaryFolder folder;
  const std::string config = tiny_config(folder), out = (folder.path() / "out").string();
  fs::create_directories(out + "/b");
  std::ofstream(out + "/b/result.json") << "measured";
  const std::string line =
      "run " + config + " " + config + " --interleave --set /measure/sessions=2 --device cpu --out " + out;
  expect_refused(assay(line), "b/result.json");
  EXPECT_EQ(text_of(out + "/b/result.json"), "measured");
}

TEST(Overwrite, ARunThatDoesNotStartLeavesNoFolder) {
  const TemporaryFolder folder;
  const std::string config = tiny_config(folder), out = (folder.path() / "made/for/it").string();
  for (const std::string& line :
       {config + " --set /load/batch=-1", config + " --device cuda", config + " --kernel matmul=warp",
        config + " --budget 0.001", config + " --only nothing", config + " --weights /absent",
        config + " --choices " + config, config + " " + config + " --interleave --kernel matmul=warp",
        config + " " + config + " --interleave --device cuda"}) {
    const Said said = assay("run " + line + " --out " + out);
    EXPECT_NE(said.exit_code, 0) << line;
    EXPECT_FALSE(fs::exists(folder.path() / "made")) << line << "\n" << said.err;
    fs::remove_all(folder.path() / "made");
  }
}

TEST(Overwrite, ARunDoesNotWriteOverWhatItReads) {
  const TemporaryFolder folder;
  fs::rename(tiny_config(folder), folder.path() / "report.json");
  const std::string config = (folder.path() / "report.json").string(), was = text_of(config);
  expect_refused(assay("run " + config + " --device cpu --format json --out " + folder.path().string()),
                 "report.json");
  EXPECT_EQ(text_of(config), was);
}

/// Each line is to be refused and to leave the folder's files as they were.
void expect_kept(const TemporaryFolder& folder, const std::string& line, const std::string& file) {
  const std::string was = text_of(folder.path() / file);
  expect_refused(assay_in(folder.path(), line), "over what it is made of");
  EXPECT_EQ(text_of(folder.path() / file), was) << line;
}

TEST(Overwrite, NoOutputOfReportOrCompareIsWrittenOverAnInput) {
  const TemporaryFolder folder;
  const std::string golden = text_of(kGolden);
  folder.write("report.json", golden);
  folder.write("report.tex", "{{name}}");
  folder.write("comparison.json", golden);
  fs::create_directory(folder.path() / "linked");
  fs::create_symlink("../report.json", folder.path() / "linked/report.json");
  fs::create_hard_link(folder.path() / "comparison.json", folder.path() / "linked/comparison.json");
  expect_kept(folder, "report report.json --format json", "report.json");
  expect_kept(folder, "report report.json --format json --out linked", "report.json");
  expect_kept(folder, "report report.json --template report.tex", "report.tex");
  expect_kept(folder, "report report.json --template linked/../report.tex --out .", "report.tex");
  expect_kept(folder, "compare report.json comparison.json --out .", "comparison.json");
  expect_kept(folder, "compare report.json comparison.json --out linked", "comparison.json");
  folder.write("prices.json", R"({"currency": "EUR", "devices": [], "power_per_kwh": 0.2})");
  fs::create_directory(folder.path() / "out");
  fs::create_symlink("../prices.json", folder.path() / "out/comparison.csv");
  expect_kept(folder, "compare report.json report.json --prices prices.json --format csv --out out",
              "prices.json");
}

TEST(Overwrite, NoOutputOfTheGateIsWrittenOverAnInput) {
  const TemporaryFolder folder;
  const std::string limits = text_of(std::string(ASSAY_SOURCE_DIR) + "/configs/limits/default.json");
  for (const char* name : {"a.json", "b.json", "verdict.json"}) folder.write(name, text_of(kGolden));
  folder.write("limits.json", limits);
  expect_kept(folder, "gate a.json verdict.json --out .", "verdict.json");
  expect_kept(folder, "gate a.json b.json --pin verdict.json --out .", "verdict.json");
  expect_kept(folder, "gate a.json b.json --junit ./b.json", "b.json");
  expect_kept(folder, "gate a.json b.json --limits limits.json --junit limits.json", "limits.json");
  expect_kept(folder, "gate --calibrate a.json b.json --out b.json", "b.json");
  expect_kept(folder, "gate --calibrate a.json b.json --limits limits.json --out ./limits.json",
              "limits.json");
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
}

}  // namespace
}  // namespace assay::test::overwrite_tests
