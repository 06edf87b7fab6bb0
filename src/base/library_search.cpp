// SPDX-License-Identifier: Apache-2.0
#include "base/library_search.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace assay {
namespace {

namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// Folders in `parent` whose names begin so, in order.
Folders folders_in(const fs::path& parent, std::string_view begin = "") {
  Folders found;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().starts_with(begin) && it->is_directory(error))
      found.push_back(it->path());
  std::ranges::sort(found);
  return found;
}

void add_toolkit(Folders& all, const fs::path& root) {
  for (const char* inside : {"lib64", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib"})
    all.push_back(root / inside);
}

/// lib/python3.N/{site,dist}-packages/nvidia/PACKAGE/lib: of cu13, cudnn, cublas ...
void add_python(Folders& all, const fs::path& root) {
  for (const fs::path& version : folders_in(root / "lib", "python3"))
    for (const char* packages : {"site-packages", "dist-packages"})
      for (const fs::path& package : folders_in(version / packages / "nvidia"))
        all.push_back(package / "lib");
}

/// Of a virtual environment its own root: its bin/python3 is a link that leads elsewhere.
fs::path root_of_python() {
  const std::string path = variable("PATH");
  std::error_code error;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find(':', from), path.size());
    const fs::path folder = path.substr(from, to - from);
    if (!folder.empty() && fs::exists(folder / "python3", error)) return folder.parent_path();
    from = to + 1;
  }
  return {};
}

}  // namespace

std::string last_dl_error() {
  const char* text = dlerror();
  return text != nullptr ? text : "unknown dynamic linker error";
}

Folders cuda_library_folders() {
  Folders all;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"})
    if (const std::string root = variable(name); !root.empty()) add_toolkit(all, root);
  for (const fs::path& toolkit : folders_in("/usr/local", "cuda")) add_toolkit(all, toolkit);
  for (const fs::path& root : {fs::path(variable("VIRTUAL_ENV")), root_of_python(), fs::path("/usr/local"),
                               fs::path(variable("HOME")) / ".local"})
    if (root.is_absolute()) add_python(all, root);
  Folders there;
  std::error_code error;
  for (fs::path& folder : all)
    if (fs::is_directory(folder, error) && std::ranges::find(there, folder) == there.end())
      there.push_back(std::move(folder));
  return there;
}

OpenedLibrary open_library(const std::string& soname, int flags, const Folders& folders) {
  OpenedLibrary opened;
  if ((opened.handle = dlopen(soname.c_str(), flags)) != nullptr) {
    opened.path = soname;
    return opened;
  }
  opened.why = last_dl_error();
  std::error_code error;
  for (const fs::path& folder : folders) {
    const fs::path file = folder / soname;
    if (!fs::exists(file, error)) continue;
    if ((opened.handle = dlopen(file.c_str(), flags)) != nullptr) {
      opened.path = file.string();
      return opened;
    }
    opened.why += "; " + last_dl_error();
  }
  opened.why += folders.empty() ? "; there is no CUDA toolkit in /usr/local and no nvidia package of python3"
                                : "; looked in";
  for (const fs::path& folder : folders) opened.why += " " + folder.string();
  return opened;
}

std::string library_of(const void* symbol) {
  Dl_info info{};
  return dladdr(symbol, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

}  // namespace assay
