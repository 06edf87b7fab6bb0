// SPDX-License-Identifier: Apache-2.0
// gpu_experiments where there is no GPU: it says so, and its table can be read.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "support/program.h"

namespace assay::test::gpu_experiments_tests {
namespace {

Said experiments(const std::string& arguments) {
  const auto program = std::filesystem::path(ASSAY_BINARY).parent_path() / "gpu_experiments";
  return run_program("ASSAY_BACKENDS=cpu " + program.string() + " " + arguments);
}

TEST(GpuExperiments, SayInTwoLinesThatThereIsNoGpu) {
  for (const char* arguments : {"", "--launch rmsnorm"}) {
    const Said said = experiments(arguments);
    EXPECT_EQ(said.exit_code, 3) << said.out;
    EXPECT_TRUE(said.err.starts_with("error: no device cuda:0")) << said.err;
    EXPECT_NE(said.err.find("\n  hint: "), std::string::npos) << said.err;
    EXPECT_EQ(std::ranges::count(said.err, '\n'), 2) << said.err;
  }
}

TEST(GpuExperiments, HaveNamesOfTheirOwn) {
  const Said said = experiments("--list");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  std::istringstream lines(said.out);
  std::set<std::string> names;
  int count = 0;
  for (std::string line, name; std::getline(lines, line); ++count) {
    std::istringstream words(line);
    words >> name;
    if (name == "--launch") words >> name, name += " launched";
    names.insert(name);
  }
  EXPECT_GE(count, 14);
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count)) << said.out;
}

TEST(GpuExperiments, RefuseAnExperimentThatIsNone) {
  const Said said = experiments("--only frobnicate");
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("frobnicate"), std::string::npos) << said.err;
}

}  // namespace
}  // namespace assay::test::gpu_experiments_tests
