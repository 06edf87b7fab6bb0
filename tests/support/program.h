// SPDX-License-Identifier: Apache-2.0
// Runs the assay binary as a user would, and keeps what it said.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/temporary_folder.h"

namespace assay::test {

struct Said {
  int exit_code = -1;
  std::string out, err;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A command line for a shell, without redirections.
inline Said run_program(const std::string& line) {
  const TemporaryFolder folder;
  const std::string command = line + " >" + (folder.path() / "out").string() + " 2>" +
                              (folder.path() / "err").string() + " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder.path() / "out"),
          text_of(folder.path() / "err")};
}

/// `arguments` as a shell would split them.
inline Said assay(const std::string& arguments) {
  return run_program("ASSAY_BACKENDS=cpu " + std::string(ASSAY_BINARY) + " " + arguments);
}

}  // namespace assay::test
