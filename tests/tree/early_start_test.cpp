// SPDX-License-Identifier: Apache-2.0
// The first rule of src/device/cuda/early_start.cuh: a kernel that is launched early waits for the one before
// it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace assay::early_start_tests {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Bodies of the __global__ functions in a source that is formatted as ours are, by name.
std::map<std::string, std::string> kernels_of(const std::string& source) {
  std::map<std::string, std::string> found;
  for (std::size_t at = source.find("__global__"); at != std::string::npos;
       at = source.find("__global__", at + 1)) {
    const std::size_t open = source.find(" {", at), close = source.find("\n}\n", at);
    std::string head = source.substr(at, open - at);
    if (const std::size_t bounds = head.find("__launch_bounds__("); bounds != std::string::npos) {
      std::size_t end = head.find('(', bounds);
      for (int depth = 0; end < head.size(); ++end) {
        depth += head[end] == '(' ? 1 : head[end] == ')' ? -1 : 0;
        if (depth == 0) break;
      }
      head.erase(0, end + 1);
    }
    const std::size_t arguments = head.find('(');
    const std::size_t begin = head.find_last_of(" \n*", arguments - 1) + 1;
    found[head.substr(begin, arguments - begin)] = source.substr(open, close - open);
  }
  return found;
}

TEST(EarlyStart, IsWaitedForByEveryKernelOfAFolderThatHasOne) {
  std::map<fs::path, std::string> launches;
  std::map<fs::path, std::map<std::string, std::string>> kernels;
  for (const auto& entry : fs::recursive_directory_iterator(ASSAY_SOURCE_DIR "/kernels")) {
    const fs::path extension = entry.path().extension();
    if (extension != ".cu" && extension != ".cuh") continue;
    const std::string source = text_of(entry.path());
    launches[entry.path().parent_path()] += source;
    kernels[entry.path().parent_path()].merge(kernels_of(source));
  }
  int early = 0;
  for (const auto& [folder, source] : launches) {
    if (source.find("launch_early(") == std::string::npos) continue;
    EXPECT_FALSE(kernels[folder].empty()) << folder;
    for (const auto& [name, body] : kernels[folder]) {
      ++early;
      EXPECT_TRUE(body.find("start_early();") != std::string::npos ||
                  body.find("wait_for_previous();") != std::string::npos)
          << folder << ": " << name;
    }
  }
  EXPECT_GE(early, 11);
}

}  // namespace
}  // namespace assay::early_start_tests
