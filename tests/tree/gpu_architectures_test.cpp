// SPDX-License-Identifier: Apache-2.0
// cmake/AssayGpus.cmake beside an nvidia-smi of our own: no GPU is needed.
#include <gtest/gtest.h>

#include <string>

#include "support/program.h"

namespace {

using namespace assay::test;

/// What `asked` comes to where nvidia-smi is a script of this text.
std::string architectures(const std::string& asked, const std::string& nvidia_smi) {
  const TemporaryFolder folder;
  const auto program = folder.write("nvidia-smi", "#!/bin/sh\n" + nvidia_smi + "\n");
  permissions(program, std::filesystem::perms::owner_all);
  const std::string ask =
      "cmake_minimum_required(VERSION 3.25)\n"
      "include(${SOURCE}/cmake/AssayGpus.cmake)\n"
      "assay_gpu_architectures(found \"${ASKED}\")\n"
      "file(WRITE ${ANSWER} \"${found}\")\n";
  const auto answer = folder.path() / "answer";
  const Said said = run_program(
      "PATH=" + folder.path().string() + ":$PATH cmake -DSOURCE=" ASSAY_SOURCE_DIR " '-DASKED=" + asked +
      "' -DANSWER=" + answer.string() + " -P " + folder.write("ask.cmake", ask).string());
  EXPECT_EQ(said.exit_code, 0) << said.err;
  return text_of(answer);
}

TEST(GpuArchitectures, AreThoseOfTheGpusHere) {
  EXPECT_EQ(architectures("native", "echo 8.0"), "80");
  EXPECT_EQ(architectures("native", "echo 8.9"), "89");
}

TEST(GpuArchitectures, NameEachKindOnce) {
  EXPECT_EQ(architectures("native", "printf '12.0\\n9.0\\n8.9\\n9.0\\n'"), "89;90;120");
}

TEST(GpuArchitectures, AreOneWhereThereIsNoGpu) {
  EXPECT_EQ(architectures("native", "echo 'No devices were found'; exit 6"), "90");
  EXPECT_EQ(architectures("native", "echo 'NVIDIA-SMI has failed (driver 580.95.05)'; exit 9"), "90");
}

TEST(GpuArchitectures, LeaveOutWhatTheKernelsDoNotRunOn) {
  EXPECT_EQ(architectures("native", "printf '7.5\\n8.6\\n'"), "86");
  EXPECT_EQ(architectures("native", "echo 7.5"), "90");
}

TEST(GpuArchitectures, AreWhatWasAskedWhereAListIsGiven) {
  EXPECT_EQ(architectures("80;90a-real", "echo 12.0"), "80;90a-real");
}

}  // namespace
