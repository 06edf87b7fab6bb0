// SPDX-License-Identifier: Apache-2.0
// scripts/gpu-check where there is no GPU: it says so, runs what it can, and its record can be read.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test {
namespace {

struct Checked {
  Said said;
  std::map<std::string, std::string> status;  // by step
};

Checked gpu_check(const std::string& options) {
  const TemporaryFolder folder;
  Checked checked{
      run_program("ASSAY_BACKENDS=cpu ASSAY=" ASSAY_BINARY " " ASSAY_SOURCE_DIR "/scripts/gpu-check --out " +
                  folder.path().string() + " " + options),
      {}};
  const auto steps = folder.path() / "steps.json";
  if (!exists(steps)) return checked;
  const Json found = load_json(steps);
  EXPECT_EQ(found["schema"], "assay.gpu-check/1");
  for (const Json& step : found["steps"]) checked.status[step["step"]] = step["status"];
  return checked;
}

TEST(GpuCheck, FailsWithoutAGpuAndStillTriesEveryStep) {
  const Checked checked = gpu_check("--skip peers");
  EXPECT_EQ(checked.said.exit_code, 1) << checked.said.out;
  for (const char* step : {"machine", "verify", "suite"})
    EXPECT_EQ(checked.status.at(step), "failed") << checked.said.out;
  EXPECT_EQ(checked.status.at("peers"), "skipped");
  EXPECT_EQ(checked.status.size(), 7u);
}

TEST(GpuCheck, PassesWhereEveryStepPasses) {
  const Checked checked = gpu_check("--device cpu --skip verify --skip suite --skip peers --skip tests");
  EXPECT_EQ(checked.said.exit_code, 0) << checked.said.out << checked.said.err;
  EXPECT_EQ(checked.status.at("machine"), "passed");
}

TEST(GpuCheck, RefusesWhatItDoesNotKnow) {
  const Checked checked = gpu_check("--frobnicate");
  EXPECT_EQ(checked.said.exit_code, 2);
  EXPECT_NE(checked.said.err.find("--frobnicate"), std::string::npos);
}

}  // namespace
}  // namespace assay::test
