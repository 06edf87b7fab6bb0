// SPDX-License-Identifier: Apache-2.0
// Compares text with a file of tests/golden. ASSAY_ACCEPT=1 in the environment writes the file instead.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace assay {

inline void expect_golden(const std::string& file, const std::string& text) {
  const std::string path = std::string(ASSAY_SOURCE_DIR) + "/tests/golden/" + file;
  const char* accept = std::getenv("ASSAY_ACCEPT");
  if (accept != nullptr && std::string(accept) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(path, std::ios::binary).rdbuf();
  if (expected.str() == text) return;
  std::istringstream old_lines(expected.str()), new_lines(text);
  std::string was, is;
  for (int line = 1;; ++line) {
    const bool more_old = static_cast<bool>(std::getline(old_lines, was)),
               more_new = static_cast<bool>(std::getline(new_lines, is));
    if (more_old && more_new && was == is) continue;
    ADD_FAILURE() << path << ":" << line << " differs\n  was: " << (more_old ? was : "(the end)")
                  << "\n  is:  " << (more_new ? is : "(the end)")
                  << "\nlook at the change, then accept it with ASSAY_ACCEPT=1";
    return;
  }
}

}  // namespace assay
