// SPDX-License-Identifier: Apache-2.0
// `assay gate` as a CI system meets it: exit codes, files, two lines where something is wrong.
#include <gtest/gtest.h>

#include <string>

#include "base/files.h"
#include "base/json_file.h"
#include "gate/simulated.h"
#include "result/result_json.h"
#include "support/program.h"

namespace assay::test::gate_tests {
namespace {

using gate_test::Machine;
using gate_test::result;

std::string written(const TemporaryFolder& folder, const std::string& name, const Result& result) {
  const std::string path = (folder.path() / (name + ".json")).string();
  write_result(path, result);
  return path;
}

struct Gated {
  Said said;
  std::string out;
  Json verdict() const { return load_json(out + "/verdict.json"); }
  std::string file(const std::string& name) const { return read_file(out + "/" + name, 1 << 20); }
};
Gated run_gate(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string out = (folder.path() / "out").string();
  return {run_program(std::string(ASSAY_BINARY) + " gate " + arguments + " --out " + out), out};
}

TEST(GateCommand, SaysByItsExitCodeWhatItFound) {
  const TemporaryFolder folder;
  const Machine noisy{.between_runs = 0, .between_sessions = 0.1};
  const std::string base = written(folder, "base", result(3, 8, 1)),
                    same = written(folder, "same", result(3, 8, 2)),
                    slower = written(folder, "slower", result(3, 8, 3, 1.1)),
                    few = written(folder, "few", result(3, 2, 4)),
                    loud = written(folder, "loud", result(3, 8, 5, 1.05, noisy));
  EXPECT_EQ(run_gate(folder, base + " " + same).said.exit_code, 0);
  const Gated failed = run_gate(folder, base + " " + slower);
  EXPECT_EQ(failed.said.exit_code, 1) << failed.said.out;
  EXPECT_NE(failed.said.out.find("fail: case 0, latency_s"), std::string::npos) << failed.said.out;
  EXPECT_EQ(failed.verdict()["verdict"], "fail");
  EXPECT_EQ(failed.verdict()["schema"], "assay.verdict/1");
  EXPECT_NE(failed.file("verdict.md").find("# Performance gate: fail"), std::string::npos);
  for (const std::string& candidate : {few, loud}) {
    EXPECT_EQ(run_gate(folder, base + " " + candidate).said.exit_code, 5);
    EXPECT_EQ(run_gate(folder, base + " " + candidate + " --inconclusive pass").said.exit_code, 0);
  }
}

TEST(GateCommand, NeverPassesWhatIsMissingWhateverIsAsked) {
  const TemporaryFolder folder;
  Result without = result(3, 8, 2);
  without.cases.pop_back();
  Result other = result(3, 8, 2);
  other.devices[0].name = "Another machine";
  const std::string base = written(folder, "base", result(3, 8, 1)),
                    missing = written(folder, "missing", without),
                    different = written(folder, "different", other);
  EXPECT_EQ(run_gate(folder, base + " " + missing + " --inconclusive pass").said.exit_code, 5);
  const Gated apart = run_gate(folder, base + " " + different + " --inconclusive pass");
  EXPECT_EQ(apart.said.exit_code, 5);
  EXPECT_NE(apart.said.out.find("not comparable: device"), std::string::npos) << apart.said.out;
  EXPECT_EQ(run_gate(folder, base + " " + different + " --allow-different device").said.exit_code, 0);
}

TEST(GateCommand, WritesWhatCiSystemsRead) {
  const TemporaryFolder folder;
  const std::string base = written(folder, "base", result(2, 8, 1)),
                    slower = written(folder, "slower", result(2, 8, 3, 1.1));
  const std::string junit = (folder.path() / "gate.xml").string();
  const Gated gated = run_gate(folder, base + " " + slower + " --annotations github --junit " + junit);
  EXPECT_TRUE(gated.said.out.starts_with("::error title=assay gate%3A case 0")) << gated.said.out;
  EXPECT_NE(read_file(junit, 1 << 20).find("failures=\"1\""), std::string::npos);
}

TEST(GateCommand, CalibratesAndGatesByWhatItFound) {
  const TemporaryFolder folder;
  const Machine machine{.between_runs = 0.02, .between_sessions = 0.01};
  std::string results;
  for (std::uint64_t i = 0; i < 12; ++i)
    results += " " + written(folder, "r" + std::to_string(i), result(2, 8, 20 + i, 1, machine));
  const std::string limits = (folder.path() / "limits.json").string();
  const Said calibrated =
      run_program(std::string(ASSAY_BINARY) + " gate --calibrate" + results + " --plan 0.02 --out " + limits);
  ASSERT_EQ(calibrated.exit_code, 0) << calibrated.err;
  EXPECT_NE(calibrated.out.find("12 runs of 8 sessions, 66 pairs"), std::string::npos) << calibrated.out;
  EXPECT_NE(calibrated.out.find("Sessions that a loss of 2.0 % needs"), std::string::npos);
  EXPECT_EQ(load_json(limits)["noise"].size(), 2u);
  const std::string base = written(folder, "base", result(2, 8, 1, 1, machine)),
                    slower = written(folder, "slower", result(2, 8, 3, 1.05, machine)),
                    much = written(folder, "much", result(2, 8, 3, 1.4, machine));
  EXPECT_NE(run_gate(folder, base + " " + slower + " --calibration " + limits).said.exit_code, 1);
  EXPECT_EQ(run_gate(folder, base + " " + much + " --limits " + limits).said.exit_code, 1);
}

TEST(GateCommand, ExplainsBadUseInTwoLines) {
  const TemporaryFolder folder;
  const std::string base = written(folder, "base", result(2, 8, 1));
  const std::string empty =
      folder.write("empty.json", R"({"schema": "assay.limits/1", "limits": []})").string();
  const std::string typo =
      folder.write("typo.json", R"({"schema": "assay.limits/1", "limits": [{"los": 0.1}]})").string();
  for (const std::string& arguments :
       {base, base + " " + base + " " + base, base + " nowhere.json",
        base + " " + base + " --limits " + empty, base + " " + base + " --limits " + typo,
        base + " " + base + " --plan 0.1", base + " " + base + " --allow-different weather",
        "--calibrate " + base}) {
    const Said said = run_gate(folder, arguments).said;
    EXPECT_EQ(said.exit_code, 2) << arguments << said.err;
    EXPECT_TRUE(said.err.starts_with("error: ")) << arguments << said.err;
    EXPECT_NE(said.err.find("\n  hint: "), std::string::npos) << arguments << said.err;
  }
}

TEST(GateCommand, ItsSchemasAreThere) {
  for (const char* file : {"limits", "verdict", "comparison"}) {
    const Said said = run_program(std::string(ASSAY_BINARY) + " schema " + file);
    EXPECT_EQ(said.exit_code, 0) << file;
    EXPECT_NE(said.out.find("2020-12"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace assay::test::gate_tests
