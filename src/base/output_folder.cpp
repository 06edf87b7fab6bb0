// SPDX-License-Identifier: Apache-2.0
#include "base/output_folder.h"

#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/files.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code absent;
  if (fs::equivalent(a, b, absent)) return true;  // also by hard links, and on file systems without case
  const fs::path canonical = fs::weakly_canonical(a, absent);
  return !canonical.empty() && canonical == fs::weakly_canonical(b, absent);
}

}  // namespace

OutputFolder::NewFolders::NewFolders(const fs::path& folder) {
  std::error_code unreadable;
  for (fs::path at = fs::absolute(folder).lexically_normal(); !at.empty(); at = at.parent_path()) {
    if (at.has_filename() && !fs::exists(at, unreadable)) missing.push_back(at);
    if (at == at.parent_path()) return;
  }
}

OutputFolder::NewFolders::~NewFolders() {
  std::error_code not_empty;
  for (const fs::path& folder : missing) fs::remove(folder, not_empty);
}

OutputFolder::OutputFolder(fs::path folder) : path_(std::move(folder)), new_(path_) {
  check_output_folder(path_);
}

void Inputs::add(fs::path file) {
  if (!file.empty()) files_.push_back(std::move(file));
}

void Inputs::check(const fs::path& output, const std::string& hint) const {
  for (const fs::path& file : files_)
    if (same_file(file, output))
      throw Error(ExitCode::bad_input, output.string() + ": would be written over what it is made of", hint);
}

}  // namespace assay
