// SPDX-License-Identifier: Apache-2.0
// scripts/gpu-check where there is no GPU: it says so, runs what it can, and what it wrote is packed and can
// be read.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOnCpu =
    "ASSAY_BACKENDS=cpu ASSAY=" ASSAY_BINARY " " ASSAY_SOURCE_DIR "/scripts/gpu-check --out ";

struct Checked {
  Said said;
  std::map<std::string, std::string> status;  // by step
  bool packed = false;                        // and the archive holds steps.json
};

/// As it is, or with `before` in front and `after` behind.
Checked gpu_check(const std::string& options, const std::string& before = "", const std::string& after = "") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "checked";
  Checked checked{run_program(before + kOnCpu + out.string() + " " + options + after), {}};
  const fs::path archive = out.string() + ".tar.gz";
  checked.packed =
      exists(archive) &&
      run_program("tar tzf " + archive.string()).out.find("checked/steps.json") != std::string::npos;
  const auto steps = out / "steps.json";
  if (!exists(steps)) return checked;
  const Json found = load_json(steps);
  EXPECT_EQ(found["schema"], "assay.gpu-check/1");
  for (const Json& step : found["steps"]) checked.status[step["step"]] = step["status"];
  return checked;
}

TEST(GpuCheck, FailsWithoutAGpuAndStillTriesEveryStep) {
  const Checked checked = gpu_check("--round 1 --skip tests --skip peers-ops");
  EXPECT_EQ(checked.said.exit_code, 1) << checked.said.out;
  for (const char* step : {"machine", "libraries", "verify", "suite-llm", "suite-recommender"})
    EXPECT_EQ(checked.status.at(step), "failed") << step << "\n" << checked.said.out;
  EXPECT_EQ(checked.status.at("tests"), "skipped");
  EXPECT_EQ(checked.status.size(), 7u);
  EXPECT_TRUE(checked.packed);
}

TEST(GpuCheck, PassesWhereEveryStepPasses) {
  const Checked checked = gpu_check("--device cpu --only machine --only libraries");
  EXPECT_EQ(checked.said.exit_code, 0) << checked.said.out << checked.said.err;
  EXPECT_EQ(checked.status.at("machine"), "passed");
  EXPECT_EQ(checked.status.at("libraries"), "passed");
  EXPECT_EQ(checked.status.size(), 2u) << "the others were not asked for";
  EXPECT_TRUE(checked.packed);
}

TEST(GpuCheck, KeepsWhatItHasWhenItIsKilled) {
  const Checked checked = gpu_check("--device cpu --only machine --only verify", "timeout --signal=TERM 6 ");
  EXPECT_EQ(checked.said.exit_code, 124) << checked.said.out;
  EXPECT_EQ(checked.status.at("machine"), "passed") << checked.said.out;
  EXPECT_EQ(checked.status.at("verify"), "failed");
  EXPECT_TRUE(checked.packed);
}

TEST(GpuCheck, ListsWhatItDoesNotReach) {
  const Checked checked = gpu_check("--device cpu --only machine --only verify --seconds 11");
  EXPECT_EQ(checked.status.at("machine"), "passed") << checked.said.out;
  EXPECT_NE(checked.status.at("verify"), "passed") << "in the nine seconds that are left, or fewer";
}

TEST(GpuCheck, RefusesWhatItDoesNotKnow) {
  for (const char* wrong : {"--frobnicate", "--only frobnicate", "--round 4", "--seconds soon", "--out"}) {
    const Said said = run_program(std::string(ASSAY_SOURCE_DIR "/scripts/gpu-check ") + wrong);
    EXPECT_EQ(said.exit_code, 2) << wrong;
    EXPECT_NE(said.err.find("  hint: gpu-check --help"), std::string::npos) << said.err;
  }
}

}  // namespace
}  // namespace assay::test
