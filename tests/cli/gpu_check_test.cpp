// SPDX-License-Identifier: Apache-2.0
// scripts/gpu-check where there is no GPU: it says so, runs what it can, and what it wrote is packed and can
// be read.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test::gpu_check_tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOnCpu =
    "env ASSAY_BACKENDS=cpu ASSAY=" ASSAY_BINARY " " ASSAY_SOURCE_DIR "/scripts/gpu-check --out ";

struct Checked {
  Said said;
  std::map<std::string, std::string> status;  // by step
  std::string packed;                         // the archive's listing
  std::uintmax_t packed_bytes = 0;
  std::string left_out;
  bool packed_steps() const { return packed.find("checked/steps.json\n") != std::string::npos; }
};

/// `line` is a shell's, where $check is gpu-check with its results in $out.
Checked gpu_check(const std::string& line) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "checked", archive = out.string() + ".tar.gz";
  const std::string command = "(out=" + out.string() + "; check=\"" + kOnCpu + "$out\"; " + line + ")";
  Checked checked{.said = run_program(command), .status = {}, .packed = "", .left_out = ""};
  if (exists(archive)) {
    checked.packed = run_program("tar tzf " + archive.string()).out;
    checked.packed_bytes = file_size(archive);
  }
  if (exists(out / "left-out.txt")) checked.left_out = text_of(out / "left-out.txt");
  if (!exists(out / "steps.json")) return checked;
  const Json found = load_json(out / "steps.json");
  EXPECT_EQ(found["schema"], "assay.gpu-check/1");
  for (const Json& step : found["steps"]) checked.status[step["step"]] = step["status"];
  return checked;
}

TEST(GpuCheck, FailsWithoutAGpuAndStillTriesEveryStep) {
  const Checked checked = gpu_check("$check --round 1 --skip tests --skip peers-ops");
  EXPECT_EQ(checked.said.exit_code, 1) << checked.said.out;
  for (const char* step : {"machine", "libraries", "verify", "suite-llm", "suite-recommender"})
    EXPECT_EQ(checked.status.at(step), "failed") << step << "\n" << checked.said.out;
  EXPECT_EQ(checked.status.at("tests"), "skipped");
  EXPECT_EQ(checked.status.size(), 7u);
  EXPECT_TRUE(checked.packed_steps());
}

TEST(GpuCheck, PassesWhereEveryStepPasses) {
  const Checked checked = gpu_check("$check --device cpu --only machine --only libraries");
  EXPECT_EQ(checked.said.exit_code, 0) << checked.said.out << checked.said.err;
  EXPECT_EQ(checked.status.at("machine"), "passed");
  EXPECT_EQ(checked.status.at("libraries"), "passed");
  EXPECT_EQ(checked.status.size(), 2u) << "the others were not asked for";
  EXPECT_TRUE(checked.packed_steps());
}

TEST(GpuCheck, KeepsWhatItHasWhenItIsKilled) {
  const Checked checked = gpu_check(
      "$check --device cpu --only machine --only verify & running=$!; "
      "while kill -0 $running && [ ! -e $out/verify.log ]; do sleep 0.1; done; kill -TERM $running; wait "
      "$running");
  EXPECT_EQ(checked.said.exit_code, 130) << checked.said.out;
  EXPECT_EQ(checked.status.at("machine"), "passed") << checked.said.out;
  EXPECT_EQ(checked.status.at("verify"), "failed");
  EXPECT_NE(checked.said.out.find("failed: interrupted"), std::string::npos) << checked.said.out;
  EXPECT_TRUE(checked.packed_steps());
}

TEST(GpuCheck, ListsWhatItDoesNotReach) {
  const Checked checked = gpu_check("$check --device cpu --only machine --only verify --seconds 29");
  EXPECT_EQ(checked.status.at("machine"), "passed") << checked.said.out;
  EXPECT_EQ(checked.status.at("verify"), "skipped") << "less than half a minute is left";
}

TEST(GpuCheck, LeavesOutOfItsArchiveWhatIsTooLarge) {
  constexpr std::uintmax_t most = 16 << 20;
  const Checked checked = gpu_check(
      "mkdir -p $out/in $out/llm; head -c 17000000 /dev/urandom >\"$out/in/a noise\"; echo >$out/noise; "
      "echo >$out/llm/cases.jsonl; $check --device cpu --only peers-eager --skip peers-eager");
  EXPECT_EQ(checked.left_out, "in/a noise\n") << checked.packed;
  EXPECT_EQ(checked.packed.find("a noise"), std::string::npos) << checked.packed;
  for (const char* kept : {"checked/noise\n", "checked/left-out.txt\n", "checked/llm/cases.jsonl\n"})
    EXPECT_NE(checked.packed.find(kept), std::string::npos) << checked.packed;
  EXPECT_TRUE(checked.packed_steps());
  EXPECT_LE(checked.packed_bytes, most);
}

TEST(GpuCheck, RefusesWhatItDoesNotKnow) {
  for (const char* wrong : {"--frobnicate", "--only frobnicate", "--round 4", "--seconds soon", "--out"}) {
    const Said said = run_program(std::string(ASSAY_SOURCE_DIR "/scripts/gpu-check ") + wrong);
    EXPECT_EQ(said.exit_code, 2) << wrong;
    EXPECT_NE(said.err.find("  hint: gpu-check --help"), std::string::npos) << said.err;
  }
}

}  // namespace
}  // namespace assay::test::gpu_check_tests
