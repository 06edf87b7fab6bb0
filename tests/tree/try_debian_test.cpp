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

/// What it says where the program `name` is a script of this text.
Said try_beside(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  permissions(folder.write(name, "#!/bin/sh\n" + text + "\n"), std::filesystem::perms::owner_all);
  return run_program("PATH=" + folder.path().string() + ":$PATH " + kScript + "trixie --quick");
}

TEST(TryDebian, SaysInOneLineWhyThereIsNothingToTry) {
  const Said said = try_beside("id", "echo 1000");
  EXPECT_EQ(said.exit_code, 77);
  EXPECT_EQ(said.out, "debian trixie is not tried: it needs root\n");
}

TEST(TryDebian, SaysWhatDebootstrapSaidWhereItFails) {
  if (run_program("unshare --mount --pid --fork true").exit_code != 0)
    GTEST_SKIP() << "this user may not mount";
  const Said said = try_beside("debootstrap", "echo 'I: Retrieving'; echo 'E: no such mirror' >&2; exit 1");
  EXPECT_EQ(said.exit_code, 77);
  EXPECT_NE(said.out.find("\ndebian trixie is not tried: E: no such mirror\n"), std::string::npos)
      << said.out;
}

}  // namespace
