// SPDX-License-Identifier: Apache-2.0
// Part of the library that holds the CPU backend, so that assay_device does not depend on it.
#include "device/backend.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/library_search.h"
#include "device/select.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCudaLibrary = "libassay_cuda.so";
constexpr const char* kEntryPoint = "assay_backend";  // extern "C" const assay::Backend* assay_backend()

/// A library that this one needs may lie where the loader does not look: what is loaded already, it takes.
void* open_with_needs(const fs::path& library, std::string& why) {
  constexpr std::string_view kAbsent = ": cannot open shared object file";
  std::set<std::string> tried;
  while (true) {
    if (void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL); handle != nullptr) return handle;
    why = last_dl_error();
    const std::string needed = why.substr(0, why.find(kAbsent));
    if (needed == why || needed.find('/') != std::string::npos || !tried.insert(needed).second)
      return nullptr;
    const OpenedLibrary opened = open_library(needed, RTLD_NOW | RTLD_GLOBAL, cuda_library_folders());
    if (opened.handle != nullptr) continue;
    why = opened.why;
    return nullptr;
  }
}

/// The library stays open: its code and kernel table are in use until the process ends.
void open_cuda(Backends& all) {
  const auto missing = [&](std::string reason) { all.missing.push_back({"cuda", std::move(reason)}); };
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return missing("where this program lies is unknown: " + error.message());

  const fs::path beside = program.parent_path() / kCudaLibrary;
  const fs::path in_lib = program.parent_path().parent_path() / "lib" / kCudaLibrary;
  const fs::path library = fs::exists(beside, error) ? beside : in_lib;
  if (!fs::exists(library, error))
    return missing(
        fmt::format("{} is neither at {} nor at {}", kCudaLibrary, beside.string(), in_lib.string()));

  std::string why;
  void* handle = open_with_needs(library, why);
  if (handle == nullptr) return missing(why);
  const auto entry = reinterpret_cast<const Backend* (*)()>(dlsym(handle, kEntryPoint));
  if (entry == nullptr) return missing(last_dl_error());
  const Backend* backend = entry();
  if (backend == nullptr) return missing(fmt::format("{} offers no backend", library.string()));
  all.present.push_back(backend);
}

Backends find_backends() {
  Backends all;
  all.present.push_back(&cpu_backend());
  const char* only = std::getenv("ASSAY_BACKENDS");
  if (only != nullptr && std::string_view(only) == "cpu") {
    all.missing.push_back({"cuda", "left out, since ASSAY_BACKENDS=cpu is set"});
  } else {
    open_cuda(all);
  }
  return all;
}

}  // namespace

const Backends& backends() {
  static const Backends all = find_backends();
  return all;
}

std::vector<OpenDevice> open_devices(const std::vector<std::string>& selectors) {
  const std::vector<SelectedDevice> selected = select_devices(backends(), selectors);
  std::vector<OpenDevice> open(selected.size());
  // The CPU last: it binds this thread to a core, and the threads that a driver starts would inherit that.
  for (const bool cpu : {false, true})
    for (std::size_t i = 0; i < selected.size(); ++i)
      if ((selected[i].backend == &cpu_backend()) == cpu)
        open[i] = {selected[i].backend->open(selected[i].index), selected[i].backend->kernels};
  return open;
}

}  // namespace assay
