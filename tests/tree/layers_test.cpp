// SPDX-License-Identifier: Apache-2.0
// Who may include whom (docs/architecture.md), read from the sources.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = ASSAY_SOURCE_DIR;

bool is_source(const fs::path& path) {
  static const std::set<std::string> kEndings = {".h", ".cpp", ".cu", ".cuh"};
  return kEndings.contains(path.extension().string());
}

std::vector<fs::path> sources() {
  std::vector<fs::path> all;
  for (const char* folder : {"src", "kernels", "workloads", "reports"})
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
      if (entry.is_regular_file() && is_source(entry.path()))
        all.push_back(entry.path().lexically_relative(kRoot));
  return all;
}

bool is_cuda(const std::string& path) {
  return path.ends_with(".cu") || path.ends_with(".cuh") || path.find("_cuda") != std::string::npos ||
         path.starts_with("src/device/cuda/");
}

/// The layer a source file or an include path belongs to; "" for the system's headers.
std::string layer_of(const std::string& path) {
  static const std::vector<std::pair<std::regex, std::string>> kLayers = {
      {std::regex("^(src/)?base/.*"), "base"},
      {std::regex("^(src/)?images/.*"), "images"},
      {std::regex("^(src/)?statistics/.*"), "statistics"},
      {std::regex("^(src/)?plan/.*"), "plan"},
      {std::regex("^(src/)?device/.*"), "device"},
      {std::regex("^(src/)?inspect/.*"), "inspect"},
      {std::regex("^(src/)?result/.*"), "result"},
      {std::regex("^(src/)?analyse/.*"), "analyse"},
      {std::regex("^(src/)?gate/.*"), "gate"},
      {std::regex("^(src/)?acceptance/.*"), "acceptance"},
      {std::regex("^(src/)?measure/.*"), "measure"},
      {std::regex("^(src/)?cli/.*"), "cli"},
      {std::regex("^reports/.*"), "reports"},
      {std::regex("^workloads/.*"), "workloads"},
      {std::regex("^kernels/.*(_cpu|_cuda|cpu_|cuda_|\\.cuh).*"), "kernels"},
      {std::regex("^kernels/.*"), "ops"}};
  for (const auto& [pattern, layer] : kLayers)
    if (std::regex_match(path, pattern)) return layer;
  return "";
}

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {"base"}},
    {"images", {"base", "images"}},
    {"statistics", {"base", "statistics"}},
    {"plan", {"base", "statistics", "plan"}},
    {"ops", {"base", "images", "statistics", "plan", "ops"}},
    {"workloads", {"base", "images", "statistics", "plan", "ops", "workloads"}},
    {"device", {"base", "statistics", "plan", "result", "device"}},
    {"inspect", {"base", "statistics", "plan", "result", "device", "inspect"}},
    {"kernels", {"base", "images", "statistics", "plan", "ops", "result", "device", "kernels"}},
    {"result", {"base", "statistics", "result"}},
    {"analyse", {"base", "statistics", "result", "analyse"}},
    {"gate", {"base", "statistics", "result", "analyse", "gate"}},
    {"acceptance", {"base", "statistics", "result", "analyse", "gate", "acceptance"}},
    {"reports", {"base", "statistics", "result", "analyse", "gate", "acceptance", "reports"}},
    {"measure", {"base", "statistics", "plan", "device", "result", "measure"}},
    {"cli",
     {"base", "images", "statistics", "plan", "ops", "workloads", "device", "inspect", "kernels", "result",
      "analyse", "gate", "acceptance", "reports", "measure", "cli"}}};

std::vector<std::pair<int, std::string>> includes_of(const fs::path& file) {
  static const std::regex kInclude("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"].*");
  std::vector<std::pair<int, std::string>> found;
  std::ifstream in(kRoot / file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number)
    if (std::smatch match; std::regex_match(line, match, kInclude)) found.emplace_back(number, match[1]);
  return found;
}

TEST(Layers, EveryIncludePointsLeft) {
  ASSERT_GT(sources().size(), 50u);
  for (const fs::path& file : sources()) {
    const std::string layer = layer_of(file.string());
    ASSERT_TRUE(kMayInclude.contains(layer)) << file << " is in no known layer";
    for (const auto& [line, header] : includes_of(file)) {
      const std::string target = layer_of(header);
      EXPECT_TRUE(target.empty() || kMayInclude.at(layer).contains(target))
          << file.string() << ":" << line << ": " << layer << " may not include " << header;
    }
  }
}

TEST(Layers, InspectKnowsOfDevicesTheCatalogueAlone) {
  for (const fs::path& file : sources())
    for (const auto& [line, header] : includes_of(file))
      EXPECT_TRUE(layer_of(file.string()) != "inspect" || layer_of(header) != "device" ||
                  header == "device/catalogue.h")
          << file.string() << ":" << line << ": " << header;
}

TEST(Layers, CudaHeadersStandOnlyInCudaSources) {
  static const std::regex kCudaHeader("^(cuda|cublas|cudnn|nvml|nccl|cub/|mma\\.h|cooperative_groups).*");
  for (const fs::path& file : sources())
    for (const auto& [line, header] : includes_of(file))
      EXPECT_TRUE(!std::regex_match(header, kCudaHeader) || is_cuda(file.string()))
          << file.string() << ":" << line << ": " << header;
}

TEST(Layers, FmtStaysOutOfWhatNvccCompiles) {
  for (const fs::path& file : sources()) {
    if (file.extension() != ".cu" && file.extension() != ".cuh") continue;
    for (const auto& [line, header] : includes_of(file))
      EXPECT_FALSE(header.starts_with("fmt/")) << file.string() << ":" << line;
  }
}

TEST(Layers, EverySourceNamesItsLicence) {
  for (const fs::path& file : sources()) {
    std::ifstream in(kRoot / file);
    std::string first;
    std::getline(in, first);
    EXPECT_EQ(first, "// SPDX-License-Identifier: Apache-2.0") << file.string();
  }
}

}  // namespace
