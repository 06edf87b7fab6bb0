// SPDX-License-Identifier: Apache-2.0
// What a command writes: a folder that goes again where nothing came to be written into it, and files that
// are none of those that it was made of.
#pragma once

#include <filesystem>
#include <vector>

namespace assay {

/// Made and proved by check_output_folder(). A command that fails before it has written anything leaves no
/// empty folder behind: neither this one nor those above it that were made for it.
class OutputFolder {
 public:
  explicit OutputFolder(std::filesystem::path folder);

  const std::filesystem::path& path() const { return path_; }

 private:
  /// A member of its own, so that they go even where the constructor fails.
  struct NewFolders {
    explicit NewFolders(const std::filesystem::path& folder);
    ~NewFolders();
    NewFolders(const NewFolders&) = delete;
    NewFolders& operator=(const NewFolders&) = delete;
    std::vector<std::filesystem::path> missing;  // the deepest first
  };
  const std::filesystem::path path_;
  const NewFolders new_;
};

/// Files that a command reads and may not write.
class Inputs {
 public:
  /// An empty path is none.
  void add(std::filesystem::path file);

  /// Error(bad_input) where `output` is one of them, under whatever name or link; `hint` says what else.
  void check(const std::filesystem::path& output, const std::string& hint) const;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace assay
