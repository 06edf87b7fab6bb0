// SPDX-License-Identifier: Apache-2.0
// Run configs of a model of a few thousand parameters, which take no time.
#pragma once

#include <string>

#include "support/program.h"

namespace assay::test {

inline const std::string kTinyModel = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/tiny/llama-llama3";

inline std::string tiny_config(const TemporaryFolder& folder, const std::string& batches = "[1, 2]") {
  return folder
      .write("tiny.json", R"({"workload": "llm", "name": "tiny", "model": ")" + kTinyModel +
                              R"(/config.json", "dtype": "f32", "load": {"batch": )" + batches +
                              R"(, "prompt_tokens": 5, "generate_tokens": 4}})")
      .string();
}

}  // namespace assay::test
