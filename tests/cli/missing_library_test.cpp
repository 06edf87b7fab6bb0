// SPDX-License-Identifier: Apache-2.0
// A CUDA backend that cannot be opened is named with what is wrong: the program beside a fake of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::test::missing_library_tests {
namespace {

namespace fs = std::filesystem;

/// The fake needs it, as the backend needs cuBLASLt, and the loader finds it nowhere: see CMakeLists.txt.
constexpr const char* kNeeded = "libassay_needed_by_fake.so.1";

/// A folder with the program alone, and an empty CUDA_HOME below it.
class MissingLibrary : public testing::Test {
 protected:
  void SetUp() override {
    fs::copy_file(ASSAY_BINARY, folder_.path() / "assay");
    fs::create_directories(folder_.path() / "cuda/lib64");
  }
  void add_fake_backend() { fs::copy_file(ASSAY_FAKE_CUDA, backend()); }
  fs::path backend() const { return folder_.path() / "libassay_cuda.so"; }
  fs::path in_toolkit() const { return folder_.path() / "cuda/lib64" / kNeeded; }
  Said run(const std::string& arguments) const {
    return run_program("env -u ASSAY_BACKENDS CUDA_HOME=" + (folder_.path() / "cuda").string() + " " +
                       (folder_.path() / "assay").string() + " " + arguments);
  }
  /// Why there is no GPU.
  std::string reason() const {
    const Said said = run("verify --device cuda");
    EXPECT_EQ(said.exit_code, 3) << said.out << said.err;
    return said.err;
  }

  TemporaryFolder folder_;
};

TEST_F(MissingLibrary, IsTheBackendThatIsNoLibrary) {
  folder_.write("libassay_cuda.so", "no library");
  const std::string why = reason();
  EXPECT_NE(why.find(backend().string() + ": "), std::string::npos) << why;
}

TEST_F(MissingLibrary, IsOneThatTheBackendNeeds) {
  add_fake_backend();
  const std::string why = reason();
  EXPECT_NE(why.find(std::string(kNeeded) + ": "), std::string::npos) << why;
  EXPECT_NE(why.find("looked in " + in_toolkit().parent_path().string()), std::string::npos) << why;
}

TEST_F(MissingLibrary, IsNamedByDoctorWhereItIsThereButNoLibrary) {
  add_fake_backend();
  folder_.write("cuda/lib64/" + std::string(kNeeded), "no library");
  const Said said = run("doctor --json");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const Json found = parse_json(said.out, "stdout");
  for (const Json& each : found["backends"]) {
    if (each["name"] != "cuda") continue;
    EXPECT_EQ(each["status"], "missing");
    const std::string why = each["reason"];
    EXPECT_NE(why.find(in_toolkit().string() + ": "), std::string::npos) << why;
    return;
  }
  FAIL() << "no cuda in " << found["backends"];
}

TEST_F(MissingLibrary, IsNotMissedWhereTheToolkitHasIt) {
  add_fake_backend();
  fs::copy_file(ASSAY_FAKE_NEEDED, in_toolkit());
  const std::string why = reason();
  EXPECT_NE(why.find(backend().string() + " offers no backend"), std::string::npos) << why;
}

}  // namespace
}  // namespace assay::test::missing_library_tests
