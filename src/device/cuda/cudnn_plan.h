// SPDX-License-Identifier: Apache-2.0
// A graph of cuDNN's header-only frontend with what it takes to run: the handle, a built plan, its workspace.
// Neither cuDNN nor the CUDA runtime it wants is linked: the frontend finds their functions at run time, so
// that the backend opens where they are missing, and the kernels that use this then say so. Includes the
// frontend's header, which takes long to compile: for the sources of cmake/AssayCudnn.cmake alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <cuda_runtime.h>

#include <cudnn_frontend.h>

#include "device/cuda/cudnn_library.h"
#include "device/device.h"
#include "plan/kernel.h"

namespace assay {

class CudnnPlan {
 public:
  using Pointers = std::unordered_map<std::int64_t, void*>;  // by uid

  /// `kernel`: "attention_prefill/cudnn", for what it has to say.
  explicit CudnnPlan(std::string_view kernel) : kernel_(kernel) {
    if (const cudnnStatus_t status = cudnn_frontend::detail::create_handle(&handle_.value);
        status != CUDNN_STATUS_SUCCESS)
      refuse("cannot start: cudnnCreate gives " +
             std::string(cudnn_frontend::detail::get_error_string(status)));
  }

  /// To be filled before build().
  cudnn_frontend::graph::Graph& graph() { return graph_; }

  /// Unsupported where cuDNN has no plan for the graph.
  void build(Lane& lane) {
    using cudnn_frontend::HeurMode_t;
    check(graph_.validate(), "validate");
    check(graph_.build_operation_graph(handle_.value), "build the graph");
    check(graph_.create_execution_plans({HeurMode_t::A, HeurMode_t::FALLBACK}), "ask for plans");
    check(graph_.check_support(), "check support");
    check(graph_.build_plans(), "build a plan");
    std::int64_t bytes = 0;
    check(graph_.get_workspace_size(bytes), "size the workspace");
    if (bytes > 0) workspace_ = lane.device().allocate(bytes);
  }

  std::int64_t workspace_bytes() const { return workspace_ ? workspace_->buffer().bytes : 0; }

  void execute(const Stream& stream, Pointers& pointers, const char* hint) {
    if (cudnn_frontend::detail::set_stream(handle_.value, static_cast<cudaStream_t>(stream.handle)) !=
        CUDNN_STATUS_SUCCESS)
      throw Error(ExitCode::device_failed, kernel_ + ": cuDNN refuses the stream");
    auto status = graph_.execute(handle_.value, pointers, workspace_ ? workspace_->buffer().data : nullptr);
    if (status.is_bad()) throw Error(ExitCode::device_failed, kernel_ + ": " + status.get_message(), hint);
  }

 private:
  struct Handle {
    Handle() = default;
    ~Handle() { static_cast<void>(cudnn_frontend::detail::destroy_handle(value)); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    cudnnHandle_t value = nullptr;
  };

  [[noreturn]] void refuse(const std::string& reason) const { throw Unsupported(kernel_ + " " + reason); }
  void check(cudnn_frontend::error_t status, const char* step) const {
    if (status.is_bad()) refuse(std::string("has no plan (") + step + "): " + status.get_message());
  }

  const std::string kernel_;
  Handle handle_;
  cudnn_frontend::graph::Graph graph_;
  std::unique_ptr<Memory> workspace_;
};

/// `make()`, with what the frontend throws where a cuDNN lacks a function as a reason.
template <typename Make>
std::unique_ptr<Kernel> cudnn_kernel(std::string_view kernel, const Make& make) {
  open_cudnn();
  try {
    return make();
  } catch (const Unsupported&) {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw Unsupported(std::string(kernel) + " cannot start: " + error.what());
  }
}

}  // namespace assay
