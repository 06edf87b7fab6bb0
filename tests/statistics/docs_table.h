// SPDX-License-Identifier: Apache-2.0
// Tables of docs/measuring.md that a simulation makes: the test fails where they differ, and with
// ASSAY_ACCEPT=1 writes what it found into the page.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace assay::test {

/// `table`: Markdown; its first line finds it in the page.
inline void expect_in_measuring(const std::vector<std::string>& table) {
  const std::string path = std::string(ASSAY_SOURCE_DIR) + "/docs/measuring.md";
  std::vector<std::string> page;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) page.push_back(line);
  const auto first = std::ranges::find(page, table.front());
  ASSERT_NE(first, page.end()) << path << " has no table that begins with\n" << table.front();
  const auto end = std::find_if(first, page.end(), [](const std::string& line) { return line[0] != '|'; });
  std::ostringstream text;
  for (const std::string& line : table) text << line << "\n";
  std::cout << text.str();
  if (std::equal(first, end, table.begin(), table.end())) return;
  if (const char* accept = std::getenv("ASSAY_ACCEPT"); accept != nullptr && std::string(accept) == "1") {
    std::vector<std::string> changed(page.begin(), first);
    changed.insert(changed.end(), table.begin(), table.end());
    changed.insert(changed.end(), end, page.end());
    std::ofstream out(path);
    for (const std::string& line : changed) out << line << "\n";
    return;
  }
  ADD_FAILURE() << path
                << " tells other figures than the simulation (above); look at the change, then accept "
                << "it with ASSAY_ACCEPT=1";
}

}  // namespace assay::test
