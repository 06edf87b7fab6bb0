// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cuda_libraries.h"

#include <cublasLt.h>
#include <dlfcn.h>

#include "base/error.h"
#include "base/library_search.h"
#include "device/cuda/cudnn_library.h"

namespace assay {
namespace {

std::string dotted(std::size_t version, std::size_t major_unit) {
  constexpr std::size_t minor_unit = 100;
  return std::to_string(version / major_unit) + "." + std::to_string(version % major_unit / minor_unit) +
         "." + std::to_string(version % minor_unit);
}

std::string cudnn_version_of(void* handle) {
  const auto version = reinterpret_cast<std::size_t (*)()>(dlsym(handle, "cudnnGetVersion"));
  return version != nullptr ? dotted(version(), 10000) : "";
}

/// Opened by the runtime or by NVML's wrapper, or not at all.
LibraryInUse loaded(const char* name, const char* soname, const char* symbol) {
  void* handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {.name = name, .version = "", .path = "", .reason = last_dl_error()};
  return {.name = name, .version = "", .path = library_of(dlsym(handle, symbol)), .reason = ""};
}

}  // namespace

std::string cublaslt_version() {
  return dotted(cublasLtGetVersion(), 10000);
}

// Asked of every device that is found: where there is none, it is looked for once.
std::optional<std::string> cudnn_version() {
  static const std::optional<std::string> version = []() -> std::optional<std::string> {
    try {
      return cudnn_version_of(open_cudnn());
    } catch (const Unsupported&) {
      return std::nullopt;
    }
  }();
  return version;
}

std::vector<LibraryInUse> cuda_libraries() {
  std::vector<LibraryInUse> all;
  all.push_back({.name = "cuBLASLt",
                 .version = cublaslt_version(),
                 .path = library_of(reinterpret_cast<const void*>(&cublasLtGetVersion)),
                 .reason = ""});
  LibraryInUse cudnn{.name = "cuDNN", .version = "", .path = "", .reason = ""};
  try {
    void* handle = open_cudnn();
    cudnn.version = cudnn_version_of(handle);
    cudnn.path = library_of(dlsym(handle, "cudnnGetVersion"));
  } catch (const Unsupported& absent) {
    cudnn.reason = absent.what();
  }
  all.push_back(std::move(cudnn));
  all.push_back(loaded("NVML", "libnvidia-ml.so.1", "nvmlInit_v2"));
  all.push_back(loaded("driver", "libcuda.so.1", "cuInit"));
  return all;
}

}  // namespace assay
