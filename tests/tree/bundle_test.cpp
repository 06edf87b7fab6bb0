// SPDX-License-Identifier: Apache-2.0
// What `cmake --install` and `cpack` put together: a program that starts from any folder, and every licence
// of what it carries.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/program.h"

namespace assay::test::bundle_tests {
namespace {

TEST(Bundle, StartsFromAnyFolderAndHoldsTheLicencesOfWhatItCarries) {
  const TemporaryFolder folder;
  const std::string build = std::filesystem::path(ASSAY_BINARY).parent_path().string();
  const Said installed = run_program("cmake --install " + build + " --prefix " + folder.path().string());
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  EXPECT_EQ(run_program(folder.path().string() + "/bin/assay --version").exit_code, 0);

  std::ifstream file(folder.path() / "share/assay/THIRD_PARTY");
  const std::string licences{std::istreambuf_iterator<char>(file), {}};
  for (const char* what : {"oneDNN", "libjpeg-turbo", "libmd", "Highway", "{fmt}", "nlohmann/json", "CLI11",
                           "Mustache", "based in part on the work of the Independent JPEG Group"})
    EXPECT_NE(licences.find(what), std::string::npos) << what;
  if (std::filesystem::exists(folder.path() / "lib/libassay_cuda.so")) {
    EXPECT_NE(licences.find("CUDA runtime"), std::string::npos);
  }
  for (const auto& library : std::filesystem::directory_iterator(folder.path() / "lib")) {
    const std::string name = library.path().filename().string();
    const bool ours = name.starts_with("libassay") || name.starts_with("test_") ||
                      name == "gpu_experiments" || library.is_symlink();
    if (!ours) {
      EXPECT_NE(licences.find(name.substr(0, name.find(".so"))), std::string::npos) << name;
    }
  }
}

}  // namespace
}  // namespace assay::test::bundle_tests
