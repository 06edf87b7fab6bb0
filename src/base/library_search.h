// SPDX-License-Identifier: Apache-2.0
// Shared libraries that a machine has, but not where the loader looks: CUDA's come with the toolkit or inside
// Python's packages.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay {

struct OpenedLibrary {
  void* handle =
      nullptr;  // null: `why` says where it was looked for, and what was wrong with each that is there
  std::string path, why;
};

/// Opens `soname` as the loader finds it, else from each of `folders` in turn. `flags` as dlopen takes them.
/// It stays open.
OpenedLibrary open_library(const std::string& soname, int flags,
                           const std::vector<std::filesystem::path>& folders);

/// Folders with CUDA's libraries, as far as they exist: of CUDA_HOME and CUDA_PATH, of the toolkits in
/// /usr/local, and of the nvidia packages of VIRTUAL_ENV, of the first python3 in PATH, and of the user's own
/// Python.
std::vector<std::filesystem::path> cuda_library_folders();

/// What the loader said of the call before.
std::string last_dl_error();

/// The file that a function or variable of a loaded library comes from; empty where that is unknown.
std::string library_of(const void* symbol);

}  // namespace assay
