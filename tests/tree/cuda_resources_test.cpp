// SPDX-License-Identifier: Apache-2.0
// scripts/cuda-resources on what ptxas said, written down: no nvcc is needed.
#include <gtest/gtest.h>

#include <string>

#include "support/program.h"

namespace {

using namespace assay::test;

const std::string kScript = ASSAY_SOURCE_DIR "/scripts/cuda-resources ";

/// ptxas -v on one kernel, pointwise<float, (Kind)2>(const float*).
std::string said_of(const std::string& arch, int registers, int stack, int stores, int loads) {
  const std::string kernel = "_ZN5assay9pointwiseIfLNS_4KindE2EEEvPKf";
  return "ptxas info    : 0 bytes gmem\n"
         "ptxas info    : Compiling entry function '" +
         kernel + "' for '" + arch +
         "'\n"
         "ptxas info    : Function properties for " +
         kernel + "\n    " + std::to_string(stack) + " bytes stack frame, " + std::to_string(stores) +
         " bytes spill stores, " + std::to_string(loads) +
         " bytes spill loads\n"
         "ptxas info    : Used " +
         std::to_string(registers) +
         " registers, used 1 barriers, 512 bytes smem, 380 bytes cmem[0]\n"
         "ptxas info    : Compile time = 102.627 ms\n";
}

class CudaResources : public testing::Test {
 protected:
  std::string table(const std::string& log) {
    const auto said = run_program(kScript + "table " + folder_.write("one_cuda.cu.o.ptxas", log).string());
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return said.out;
  }
  Said compare(const std::string& golden, const std::string& now) {
    return run_program(kScript + "compare " + folder_.write("golden", golden).string() + " " +
                       folder_.write("now", now).string());
  }

  TemporaryFolder folder_;
};

TEST_F(CudaResources, TableHasALineForEachKernelAndArchitecture) {
  EXPECT_EQ(table(said_of("sm_90a", 40, 0, 0, 0) + said_of("sm_80", 32, 8, 4, 12)),
            "one_cuda  pointwise<float, (Kind)2>  sm_80  registers 32  shared 512  stack 8  spilled 4  "
            "reloaded 12\n"
            "one_cuda  pointwise<float, (Kind)2>  sm_90a  registers 40  shared 512  stack 0  spilled 0  "
            "reloaded 0\n");
}

TEST_F(CudaResources, WhatAKernelCallsCountsWithIt) {
  auto log = said_of("sm_80", 32, 8, 0, 0);
  const std::string callee =
      "ptxas info    : Function properties for _Z6calleev\n"
      "    16 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n";
  EXPECT_NE(table(log + callee).find("stack 24 "), std::string::npos);
}

TEST_F(CudaResources, TheSameTablePasses) {
  const auto same = table(said_of("sm_80", 32, 8, 4, 12));
  const auto said = compare("# a comment\n" + same, same);
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_EQ(said.out, "");
}

TEST_F(CudaResources, ASpillWhereThereWasNoneFails) {
  const auto said = compare(table(said_of("sm_80", 32, 0, 0, 0)), table(said_of("sm_80", 32, 8, 0, 4)));
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_NE(said.out.find("pointwise<float, (Kind)2> sm_80 spills: 0 bytes stored, 4 loaded"),
            std::string::npos)
      << said.out;
}

TEST_F(CudaResources, AStackFrameWhereThereWasNoneFails) {
  const auto said = compare(table(said_of("sm_80", 32, 0, 0, 0)), table(said_of("sm_80", 32, 8, 0, 0)));
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_NE(said.out.find("has a stack frame of 8 bytes"), std::string::npos) << said.out;
}

TEST_F(CudaResources, MoreRegistersOrMoreOfAKnownSpillAreShown) {
  const auto said = compare(table(said_of("sm_80", 32, 8, 4, 4)), table(said_of("sm_80", 40, 8, 8, 8)));
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_NE(said.out.find("takes more registers: 32 -> 40"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("spills more: 8 -> 16"), std::string::npos) << said.out;
}

TEST_F(CudaResources, AKernelOrArchitectureThatIsNewOrGoneFailsAndNamesTheCommand) {
  const auto one = table(said_of("sm_80", 32, 0, 0, 0));
  const auto both = one + table(said_of("sm_90a", 32, 0, 0, 0));
  for (const auto& said : {compare(one, both), compare(both, one)}) {
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_NE(said.out.find("sm_90a is"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("build-matrix --update"), std::string::npos) << said.out;
  }
}

TEST_F(CudaResources, NothingToCompareFails) {
  EXPECT_EQ(compare("", "").exit_code, 1);
  EXPECT_NE(run_program(kScript + "compare /nonexistent /nonexistent").exit_code, 0);
}

TEST_F(CudaResources, TheCompilersComplaintIsShownWhereItFails) {
  const std::string log = (folder_.path() / "log").string();
  const auto failed = run_program(kScript + "keep " + log + " sh -c 'echo no such thing >&2; exit 3'");
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_EQ(failed.err, "no such thing\n");
  EXPECT_EQ(run_program(kScript + "keep " + log + " sh -c 'echo kept >&2'").exit_code, 0);
  EXPECT_EQ(text_of(log), "kept\n");
}

TEST(CudaResourcesGolden, HoldsEveryArchitecture) {
  const std::string golden = text_of(ASSAY_SOURCE_DIR "/tests/golden/cuda_resources.txt");
  ASSERT_NE(golden.find("# nvcc "), std::string::npos);
  for (const char* arch : {"sm_80", "sm_86", "sm_89", "sm_90a", "sm_100", "sm_120"})
    EXPECT_NE(golden.find(std::string("  ") + arch + "  registers "), std::string::npos) << arch;
}

}  // namespace
