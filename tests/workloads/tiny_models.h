// SPDX-License-Identifier: Apache-2.0
// The tiny models of tests/golden/tiny/, made by tests/peers/make_tiny_models.py with Hugging Face
// transformers.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "base/safetensors.h"
#include "support/source_dir.h"
#include "workloads/workload.h"

namespace assay::test {

struct TinyModel {
  std::filesystem::path folder;
  std::vector<std::vector<std::int32_t>> prompts;        // [sequence][token]
  std::vector<std::vector<std::int32_t>> tokens;         // [sequence][step]; step 0 follows the prompt
  std::vector<std::vector<std::vector<double>>> logits;  // [step][sequence][vocab]

  /// `set`: "tiny", or "tiny_sized" for those of which some ops have no kernel.
  explicit TinyModel(const std::string& name, const std::string& set = "tiny")
      : folder(test_source_dir() / "tests/golden" / set / name) {
    const Json expected = load_json(folder / "expected.json");
    expected["prompt_ids"].get_to(prompts);
    expected["tokens"].get_to(tokens);
    expected["logits"].get_to(logits);
  }

  std::size_t steps() const { return logits.size(); }

  Plan plan(const std::string& dtype = "f32") const {
    const std::vector<std::filesystem::path> files = {folder};
    const std::vector<std::string> overrides = {"/dtype=" + dtype,
                                                "/load/batch=" + std::to_string(prompts.size()),
                                                "/load/prompt_tokens=" + std::to_string(prompts[0].size()),
                                                "/load/generate_tokens=" + std::to_string(steps())};
    return load_runs(files, overrides).expand().at(0).make_plan();
  }

  std::vector<std::int32_t> prompt_ids() const {
    std::vector<std::int32_t> all;
    for (const auto& prompt : prompts) all.insert(all.end(), prompt.begin(), prompt.end());
    return all;
  }

  /// Logits of one step, all sequences: relative difference of the whole (norm-wise), and the largest
  /// difference over the root mean square; the larger of the two.
  template <typename T>
  double logit_error(std::size_t step, const std::vector<T>& actual) const {
    std::vector<double> expected;
    for (const auto& row : logits[step]) expected.insert(expected.end(), row.begin(), row.end());
    if (actual.size() != expected.size()) return INFINITY;
    double difference = 0, norm = 0, largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double d = static_cast<double>(actual[i]) - expected[i];
      difference += d * d;
      norm += expected[i] * expected[i];
      largest = std::max(largest, std::fabs(d));
      if (!std::isfinite(d)) return INFINITY;
    }
    return std::max(std::sqrt(difference / norm),
                    largest / std::sqrt(norm / static_cast<double>(expected.size())));
  }
};

inline std::vector<std::string> tiny_models(const std::string& set = "tiny") {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(test_source_dir() / "tests/golden" / set))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace assay::test
