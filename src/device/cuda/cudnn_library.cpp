// SPDX-License-Identifier: Apache-2.0
// Opens the library that cuDNN's frontend looks its functions up in, where the build has kernels that use it.
#include "device/cuda/cudnn_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include <cuda_runtime.h>

#include "base/error.h"
#include "base/library_search.h"

#ifdef ASSAY_CUDNN_FRONTEND

#include <cudnn_frontend.h>

namespace cudnn_frontend {
void* cudnn_dlhandle = nullptr;  // the frontend's own name for the opened library
}  // namespace cudnn_frontend

namespace assay {
namespace {

void* opened(const std::string& library) {
  const OpenedLibrary found = open_library(library, RTLD_NOW | RTLD_GLOBAL, cuda_library_folders());
  if (found.handle == nullptr) throw Unsupported("cuDNN not found: " + found.why);
  return found.handle;
}

}  // namespace

void* open_cudnn() {
  if (cudnn_frontend::cudnn_dlhandle != nullptr) return cudnn_frontend::cudnn_dlhandle;
  // Of several CUDA runtimes on a machine the frontend is to take the one this program is built for.
  constexpr const char* kRuntime = "CUDNN_FRONTEND_CUDART_LIB_NAME";
  setenv(kRuntime, ("libcudart.so." + std::to_string(CUDART_VERSION / 1000)).c_str(), 0);
  if (const std::string runtime = getenv(kRuntime); !runtime.empty()) opened(runtime);
  return cudnn_frontend::cudnn_dlhandle = opened("libcudnn.so.9");
}

std::shared_ptr<void> make_cudnn_handle(void* stream) {
  open_cudnn();
  using namespace cudnn_frontend::detail;
  cudnnHandle_t handle = nullptr;
  if (const cudnnStatus_t status = create_handle(&handle); status != CUDNN_STATUS_SUCCESS)
    throw Unsupported("cuDNN cannot start: cudnnCreate gives " + std::string(get_error_string(status)));
  std::shared_ptr<void> owned(
      handle, [](void* done) { static_cast<void>(destroy_handle(static_cast<cudnnHandle_t>(done))); });
  if (set_stream(handle, static_cast<cudaStream_t>(stream)) != CUDNN_STATUS_SUCCESS)
    throw Unsupported("cuDNN refuses the stream of its lane");
  return owned;
}

}  // namespace assay

#else

namespace assay {

void* open_cudnn() {
  throw Unsupported("this build has no kernels that use cuDNN: its frontend was not found");
}
std::shared_ptr<void> make_cudnn_handle(void*) {
  open_cudnn();
  return nullptr;
}

}  // namespace assay

#endif
