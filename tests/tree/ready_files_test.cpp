// SPDX-License-Identifier: Apache-2.0
// The ready files for CI in docs/ci/: what they run is there once they have built it.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "base/json_file.h"
#include "support/program.h"

namespace assay::ready_files_tests {
namespace {

using namespace assay::test;
namespace fs = std::filesystem;

const fs::path kTree = ASSAY_SOURCE_DIR;

/// What the first group of the pattern matched, each once.
std::set<std::string> found_in(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.insert((*at)[1]);
  return found;
}

/// The folder that a preset builds in.
std::string folder_of(const std::string& preset) {
  std::string folder;
  const Json presets = load_json(kTree / "CMakePresets.json");
  for (const Json& one : presets["configurePresets"]) {
    const std::string name = one["name"];
    if (name == "base" || name == preset) folder = one.value("binaryDir", folder);
  }
  folder = std::regex_replace(folder, std::regex(R"(\$\{presetName\})"), preset);
  return fs::path(folder).filename();
}

std::vector<fs::path> ready_files() {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(kTree / "docs/ci")) files.push_back(file.path());
  return files;
}

TEST(ReadyFiles, RunTheProgramsThatTheirPresetsBuild) {
  EXPECT_EQ(folder_of("cpu"), "build-cpu");
  EXPECT_EQ(folder_of("default"), "build");
  ASSERT_GE(ready_files().size(), 3u);
  for (const fs::path& file : ready_files()) {
    const std::string text = text_of(file);
    std::set<std::string> built;
    for (const std::string& preset : found_in(text, R"(--preset (\w+))")) built.insert(folder_of(preset));
    EXPECT_EQ(found_in(text, R"(([\w-]+)/assay\s)"), built) << file;
  }
}

TEST(ReadyFiles, NameConfigsThatAreThere) {
  for (const fs::path& file : ready_files()) {
    const std::set<std::string> configs = found_in(text_of(file), R"((configs/[\w/.-]+\.json))");
    EXPECT_FALSE(configs.empty()) << file;
    for (const std::string& config : configs)
      EXPECT_TRUE(fs::exists(kTree / config)) << file << ": " << config;
  }
}

}  // namespace
}  // namespace assay::ready_files_tests
