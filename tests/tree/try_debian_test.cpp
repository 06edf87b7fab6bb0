// SPDX-License-Identifier: Apache-2.0
// scripts/try-debian where it can try nothing: what it does otherwise, CI runs.
#include <gtest/gtest.h>

#include <string>

#include "support/program.h"

namespace {

using namespace assay::test;

const std::string kScript = ASSAY_SOURCE_DIR "/scripts/try-debian ";

TEST(TryDebian, RefusesWhatItDoesNotKnow) {
  for (const char* arguments : {"", "woody", "trixie --frobnicate"}) {
    const Said said = run_program(kScript + arguments);
    EXPECT_EQ(said.exit_code, 2) << arguments;
    EXPECT_NE(said.err.find("scripts/try-debian bookworm|trixie --quick"), std::string::npos) << said.err;
  }
}

TEST(TryDebian, SaysInOneLineWhyThereIsNothingToTry) {
  const TemporaryFolder folder;
  permissions(folder.write("id", "#!/bin/sh\necho 1000\n"), std::filesystem::perms::owner_all);
  const Said said = run_program("PATH=" + folder.path().string() + ":$PATH " + kScript + "trixie --quick");
  EXPECT_EQ(said.exit_code, 77);
  EXPECT_EQ(said.out, "debian trixie is not tried: it needs root\n");
}

}  // namespace
