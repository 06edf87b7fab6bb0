// SPDX-License-Identifier: Apache-2.0
// Opens the library that cuDNN's frontend looks its functions up in, where the build has kernels that use it.
#ifdef ASSAY_CUDNN_FRONTEND

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include <cuda_runtime.h>

#include "base/error.h"

namespace cudnn_frontend {
extern void* cudnn_dlhandle;
void* cudnn_dlhandle = nullptr;  // the frontend's own name for the opened library
}  // namespace cudnn_frontend

namespace assay {

void open_cudnn();

namespace {

void* opened(const std::string& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) throw Unsupported("cuDNN not found: " + std::string(dlerror()));
  return handle;
}

}  // namespace

void open_cudnn() {
  if (cudnn_frontend::cudnn_dlhandle != nullptr) return;
  // Of several CUDA runtimes on a machine the frontend is to take the one this program is built for.
  constexpr const char* kRuntime = "CUDNN_FRONTEND_CUDART_LIB_NAME";
  setenv(kRuntime, ("libcudart.so." + std::to_string(CUDART_VERSION / 1000)).c_str(), 0);
  if (const std::string runtime = getenv(kRuntime); !runtime.empty()) opened(runtime);
  cudnn_frontend::cudnn_dlhandle = opened("libcudnn.so.9");
}

}  // namespace assay

#endif
