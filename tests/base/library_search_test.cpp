// SPDX-License-Identifier: Apache-2.0
// In fake trees: no CUDA is needed, and what the machine has of it is not looked at.
#include "base/library_search.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace assay::library_search_tests {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr int kFlags = RTLD_NOW | RTLD_LOCAL;

/// Set for this test alone.
class Environment {
 public:
  void set(const std::string& name, const std::string& value) {
    const char* was = std::getenv(name.c_str());
    before_.try_emplace(name, was != nullptr ? std::optional<std::string>(was) : std::nullopt);
    setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : before_)
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

/// A folder below `folder`, made.
fs::path made(const fs::path& folder) {
  create_directories(folder);
  return folder;
}

/// A shared library named `soname`, which the loader would not find: a copy of one that it finds.
fs::path library_in(const fs::path& folder, const std::string& soname) {
  void* libm = dlopen("libm.so.6", kFlags);
  if (libm == nullptr) return {};
  copy_file(library_of(dlsym(libm, "cos")), folder / soname);
  return folder / soname;
}

std::ptrdiff_t index_of(const std::vector<fs::path>& folders, const fs::path& folder) {
  const auto at = std::ranges::find(folders, folder);
  return at == folders.end() ? -1 : at - folders.begin();
}

TEST(LibrarySearch, OpensWhatTheLoaderFinds) {
  const OpenedLibrary opened = open_library("libm.so.6", kFlags, {});
  ASSERT_NE(opened.handle, nullptr) << opened.why;
  EXPECT_EQ(opened.path, "libm.so.6");
  EXPECT_EQ(opened.why, "");
  EXPECT_TRUE(library_of(dlsym(opened.handle, "cos")).starts_with("/"));
}

TEST(LibrarySearch, FindsALibraryInAGivenFolder) {
  const TemporaryFolder folder;
  const fs::path empty = made(folder.path() / "empty"), full = made(folder.path() / "full");
  const fs::path library = library_in(full, "libassay_of_this_test.so.1");
  ASSERT_FALSE(library.empty());
  const OpenedLibrary opened = open_library(library.filename(), kFlags, {empty, full});
  ASSERT_NE(opened.handle, nullptr) << opened.why;
  EXPECT_EQ(opened.path, library);
  EXPECT_EQ(library_of(dlsym(opened.handle, "cos")), library);
}

TEST(LibrarySearch, NamesWhatIsNoLibraryAndGoesOn) {
  const TemporaryFolder folder;
  const std::string soname = "libassay_text_in_two.so.1";
  const fs::path first = made(folder.path() / "first"), second = made(folder.path() / "second");
  folder.write("first/" + soname, "no library");
  folder.write("second/" + soname, "nor is this one");
  const OpenedLibrary none = open_library(soname, kFlags, {first, second});
  EXPECT_EQ(none.handle, nullptr);
  EXPECT_NE(none.why.find((first / soname).string() + ": "), std::string::npos) << none.why;
  EXPECT_NE(none.why.find((second / soname).string() + ": "), std::string::npos) << none.why;

  const fs::path third = made(folder.path() / "third");
  const fs::path library = library_in(third, soname);
  ASSERT_FALSE(library.empty());
  const OpenedLibrary opened = open_library(soname, kFlags, {first, second, third});
  ASSERT_NE(opened.handle, nullptr) << opened.why;
  EXPECT_EQ(opened.path, library);
}

TEST(LibrarySearch, SaysWhereItLooked) {
  const TemporaryFolder folder;
  const fs::path a = made(folder.path() / "a"), b = made(folder.path() / "b");
  const std::string soname = "libassay_nowhere.so.1";
  const OpenedLibrary none = open_library(soname, kFlags, {a, b});
  EXPECT_EQ(none.handle, nullptr);
  EXPECT_TRUE(none.why.starts_with(soname + ": ")) << none.why;
  EXPECT_TRUE(none.why.ends_with("; looked in " + a.string() + " " + b.string())) << none.why;

  const OpenedLibrary no_folder = open_library(soname, kFlags, {});
  EXPECT_EQ(no_folder.handle, nullptr);
  EXPECT_NE(no_folder.why.find("there is no CUDA toolkit"), std::string::npos) << no_folder.why;
}

TEST(CudaLibraryFolders, AreOfTheToolkitThenOfTheVirtualEnvironmentThenOfTheFirstPython) {
  const TemporaryFolder folder;
  const fs::path& root = folder.path();
  const fs::path toolkit = made(root / "cuda/lib64"), other = made(root / "other/targets/x86_64-linux/lib");
  const fs::path in_venv = "venv/lib/python3.12/site-packages/nvidia";
  const fs::path cu13 = made(root / in_venv / "cu13/lib"), cudnn = made(root / in_venv / "cudnn/lib");
  const fs::path first = made(root / "first/lib/python3/dist-packages/nvidia/cudnn/lib");
  const fs::path second = made(root / "second/lib/python3.11/site-packages/nvidia/cudnn/lib");
  for (const char* bin : {"none/bin", "first/bin", "second/bin"}) made(root / bin);
  folder.write("first/bin/python3", "");
  folder.write("second/bin/python3", "");
  folder.write((in_venv / "__init__.py").string(), "");

  Environment environment;
  environment.set("CUDA_HOME", root / "cuda");
  environment.set("CUDA_PATH", root / "other");
  environment.set("VIRTUAL_ENV", root / "venv");
  environment.set("HOME", root / "nobody");
  environment.set("PATH", ":" + (root / "none/bin").string() + ":" + (root / "first/bin").string() + ":" +
                              (root / "second/bin").string());
  const std::vector<fs::path> found = cuda_library_folders();
  const std::vector<fs::path> wanted = {toolkit, other, cu13, cudnn, first};
  std::ptrdiff_t last = -1;
  for (const fs::path& each : wanted) {
    EXPECT_GT(index_of(found, each), last) << each;
    last = index_of(found, each);
  }
  EXPECT_EQ(index_of(found, second), -1) << "only the first python3 counts";
  for (const fs::path& each : found) EXPECT_TRUE(is_directory(each)) << each;
}

TEST(CudaLibraryFolders, AreEachNamedOnce) {
  const TemporaryFolder folder;
  const fs::path toolkit = made(folder.path() / "cuda/lib64");
  const fs::path cudnn = made(folder.path() / "venv/lib/python3.12/site-packages/nvidia/cudnn/lib");
  made(folder.path() / "venv/bin");
  folder.write("venv/bin/python3", "");
  Environment environment;
  environment.set("CUDA_HOME", folder.path() / "cuda");
  environment.set("CUDA_PATH", folder.path() / "cuda");
  environment.set("VIRTUAL_ENV", folder.path() / "venv");
  environment.set("PATH", folder.path() / "venv/bin");
  const std::vector<fs::path> found = cuda_library_folders();
  EXPECT_EQ(std::ranges::count(found, toolkit), 1);
  EXPECT_EQ(std::ranges::count(found, cudnn), 1);
}

TEST(CudaLibraryFolders, WantNoEnvironment) {
  Environment environment;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH", "VIRTUAL_ENV", "PATH", "HOME"})
    environment.set(name, "");
  for (const fs::path& each : cuda_library_folders())
    EXPECT_TRUE(each.string().starts_with("/usr/local/")) << each;
}

}  // namespace
}  // namespace assay::library_search_tests
