// SPDX-License-Identifier: Apache-2.0
// Where the repository's files are for the tests: the checkout they were built from, or what
// ASSAY_TEST_SOURCE_DIR names (a bundle's share/assay on another machine).
#pragma once

#include <cstdlib>
#include <filesystem>

namespace assay::test {

inline std::filesystem::path test_source_dir() {
  const char* elsewhere = std::getenv("ASSAY_TEST_SOURCE_DIR");
  return elsewhere != nullptr ? elsewhere : ASSAY_SOURCE_DIR;
}

}  // namespace assay::test
