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

#include "device/cuda/cuda_lane.h"
#include "device/cuda/cudnn_library.h"
#include "device/device.h"
#include "plan/kernel.h"

namespace assay {

class CudnnPlan {
 public:
  using Pointers = std::unordered_map<std::int64_t, void*>;  // by uid

  /// `kernel`: "attention_prefill/cudnn", for what it has to say.
  CudnnPlan(std::string_view kernel, Lane& lane) : kernel_(kernel), owned_(cuda_lane(lane).cudnn()) {}

  /// To be filled before build().
  cudnn_frontend::graph::Graph& graph() { return graph_; }

  /// Unsupported where cuDNN has no plan for the graph.
  void build(Lane& lane) {
    using cudnn_frontend::HeurMode_t;
    check(graph_.validate(), "validate");
    check(graph_.build_operation_graph(handle()), "build the graph");
    check(graph_.create_execution_plans({HeurMode_t::A, HeurMode_t::FALLBACK}), "ask for plans");
    check(graph_.check_support(), "check support");
    check(graph_.build_plans(), "build a plan");
    std::int64_t bytes = 0;
    check(graph_.get_workspace_size(bytes), "size the workspace");
    if (bytes > 0) workspace_ = lane.device().allocate(bytes);
  }

  std::int64_t workspace_bytes() const { return workspace_ ? workspace_->buffer().bytes : 0; }

  /// On the stream of the lane that it was made for.
  void execute(Pointers& pointers, const char* hint) {
    auto status = graph_.execute(handle(), pointers, workspace_ ? workspace_->buffer().data : nullptr);
    if (status.is_bad()) throw Error(ExitCode::device_failed, kernel_ + ": " + status.get_message(), hint);
  }

 private:
  cudnnHandle_t handle() const { return static_cast<cudnnHandle_t>(owned_.get()); }
  [[noreturn]] void refuse(const std::string& reason) const { throw Unsupported(kernel_ + " " + reason); }
  void check(cudnn_frontend::error_t status, const char* step) const {
    if (status.is_bad()) refuse(std::string("has no plan (") + step + "): " + status.get_message());
  }

  const std::string kernel_;
  const std::shared_ptr<void> owned_;  // of the lane, which may end before
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
