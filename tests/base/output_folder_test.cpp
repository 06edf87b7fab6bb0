// SPDX-License-Identifier: Apache-2.0
#include "base/output_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/program.h"

namespace assay::test::output_folder_tests {
namespace {

namespace fs = std::filesystem;

TEST(OutputFolder, GoesAgainWithThoseAboveItThatWereMadeForIt) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "there");
  {
    const OutputFolder out(folder.path() / "there/a/b/");
    EXPECT_TRUE(fs::is_directory(out.path()));
  }
  EXPECT_FALSE(fs::exists(folder.path() / "there/a"));
  EXPECT_TRUE(fs::exists(folder.path() / "there"));
}

TEST(OutputFolder, StaysWhereSomethingWasWrittenOrWhereItWasBefore) {
  const TemporaryFolder folder;
  {
    const OutputFolder out(folder.path() / "a/b"), there(folder.path());
    std::ofstream(out.path() / "kept") << "x";
  }
  EXPECT_TRUE(fs::exists(folder.path() / "a/b/kept"));
}

TEST(OutputFolder, LeavesNothingWhereItCannotBeMade) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  EXPECT_THROW(OutputFolder(folder.path() / "file/a"), Error);
  EXPECT_TRUE(fs::is_regular_file(folder.path() / "file"));
}

TEST(Inputs, AreKnownUnderEveryNameAndLink) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("in.json", "x");
  fs::create_symlink(file, folder.path() / "soft");
  fs::create_hard_link(file, folder.path() / "hard");
  Inputs inputs;
  inputs.add(file);
  inputs.add("");
  for (const char* name : {"in.json", "soft", "hard", "./in.json"})
    EXPECT_THROW(inputs.check(folder.path() / name, "elsewhere"), Error) << name;
  EXPECT_NO_THROW(inputs.check(folder.path() / "other.json", "elsewhere"));
  EXPECT_NO_THROW(inputs.check("", "elsewhere"));
}

TEST(Inputs, AFileThatIsNotThereYetIsToldByItsPath) {
  const TemporaryFolder folder;
  Inputs inputs;
  inputs.add(folder.path() / "later.json");
  EXPECT_THROW(inputs.check(folder.path() / "." / "later.json", "elsewhere"), Error);
}

}  // namespace
}  // namespace assay::test::output_folder_tests
