// SPDX-License-Identifier: Apache-2.0
// A name stands for one type of a namespace, whatever files a program is made of: with two the linker keeps
// the functions of either, and no compiler says so.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace assay::names_tests {
namespace {

namespace fs = std::filesystem;

using Places = std::map<std::string, std::string>;  // a type's whole name to its header

/// Adds the types that a header defines, and gives those that stand in another one too. Formatted headers
/// have them at the line's begin.
std::vector<std::string> add_types(const fs::path& header, const std::string& name, Places& places) {
  static const std::regex kSpace(R"(^namespace ([\w:]+) \{)"),
      kType(R"(^(?:struct|class|enum class) (\w+)(?: final)?(?: :.*)? \{)");
  std::vector<std::string> twice;
  std::string space, line;
  std::smatch found;
  for (std::ifstream file(header); std::getline(file, line);) {
    if (std::regex_search(line, found, kSpace)) space = found[1];
    if (!std::regex_search(line, found, kType)) continue;
    const auto [at, added] = places.try_emplace(space + "::" + found[1].str(), name);
    if (!added) twice.push_back(at->first + ": " + at->second + ", " + name);
  }
  return twice;
}

TEST(Names, OfTypesStandInOneHeader) {
  const fs::path root = ASSAY_SOURCE_DIR;
  Places places;
  for (const char* folder : {"src", "kernels", "workloads", "reports"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".h") continue;
      const std::string name = entry.path().lexically_relative(root).string();
      for (const std::string& twice : add_types(entry.path(), name, places)) ADD_FAILURE() << twice;
    }
  EXPECT_GT(places.size(), 300u);
  EXPECT_EQ(places.at("assay::CaseResult"), "src/result/result.h");
}

TEST(Names, ThatStandTwiceAreFound) {
  const test::TemporaryFolder folder;
  Places places;
  EXPECT_TRUE(add_types(folder.write("a.h", "namespace assay {\nstruct Limit {\n"), "a.h", places).empty());
  EXPECT_TRUE(
      add_types(folder.write("b.h", "namespace assay::b {\nstruct Limit {\n"), "b.h", places).empty());
  EXPECT_EQ(add_types(folder.write("c.h", "namespace assay {\nenum class Limit : int {\n"), "c.h", places),
            std::vector<std::string>{"assay::Limit: a.h, c.h"});
}

}  // namespace
}  // namespace assay::names_tests
