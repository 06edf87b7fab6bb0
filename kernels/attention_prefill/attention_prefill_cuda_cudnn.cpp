// SPDX-License-Identifier: Apache-2.0
// cuDNN's fused attention, through its header-only frontend, on strided views of the fused qkv matrix.
// Neither cuDNN nor the CUDA runtime it wants is linked: the frontend finds their functions at run time, so
// that the backend opens where they are missing, and this kernel then says so.
#include "kernels/attention_prefill/attention_prefill.h"
#include "plan/kernel.h"

#ifdef ASSAY_CUDNN_FRONTEND

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <unordered_map>

#include <cuda_runtime.h>

#include <cudnn_frontend.h>

#include "device/device.h"

namespace cudnn_frontend {
void* cudnn_dlhandle = nullptr;  // the frontend's own name for the opened library
}

namespace assay {
namespace {

namespace fe = cudnn_frontend;

constexpr std::string_view kName = "attention_prefill/cudnn";

[[noreturn]] void refuse(const std::string& reason) {
  throw Unsupported(std::string(kName) + " " + reason);
}

void check(fe::error_t status, const char* step) {
  if (status.is_bad()) refuse(std::string("has no plan (") + step + "): " + status.get_message());
}

void* opened(const std::string& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) throw Unsupported("cuDNN not found: " + std::string(dlerror()));
  return handle;
}

/// Opens cuDNN 9, once a process; it stays open, since plans and handles point into it.
void open_cudnn() {
  if (fe::cudnn_dlhandle != nullptr) return;
  // Of several CUDA runtimes on a machine the frontend is to take the one this program is built for.
  constexpr const char* kRuntime = "CUDNN_FRONTEND_CUDART_LIB_NAME";
  setenv(kRuntime, ("libcudart.so." + std::to_string(CUDART_VERSION / 1000)).c_str(), 0);
  if (const std::string runtime = getenv(kRuntime); !runtime.empty()) opened(runtime);
  fe::cudnn_dlhandle = opened("libcudnn.so.9");
}

class CudnnHandle {
 public:
  CudnnHandle() {
    if (const cudnnStatus_t status = fe::detail::create_handle(&value_); status != CUDNN_STATUS_SUCCESS)
      refuse("cannot start: cudnnCreate gives " + std::string(fe::detail::get_error_string(status)));
  }
  ~CudnnHandle() { static_cast<void>(fe::detail::destroy_handle(value_)); }
  CudnnHandle(const CudnnHandle&) = delete;
  CudnnHandle& operator=(const CudnnHandle&) = delete;
  cudnnHandle_t get() const { return value_; }

 private:
  cudnnHandle_t value_ = nullptr;
};

class AttentionPrefillCudnn final : public Kernel {
 public:
  AttentionPrefillCudnn(const AttentionPrefill& op, Lane& lane) : p_(op.p) {
    const auto type = p_.type == DType::f16 ? fe::DataType_t::HALF : fe::DataType_t::BFLOAT16;
    graph_.set_io_data_type(type)
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_compute_data_type(fe::DataType_t::FLOAT);

    // [sequence, head, token, element] with the strides of [sequence, token, head, element] rows.
    const auto view = [&](Uid uid, const char* tensor, std::int64_t heads, std::int64_t row) {
      return fe::graph::Tensor_attributes()
          .set_name(tensor)
          .set_uid(uid)
          .set_dim({p_.sequences, heads, p_.tokens, p_.head_dim})
          .set_stride({p_.tokens * row, p_.head_dim, row, 1});
    };
    const auto q = graph_.tensor(view(kQ, "q", p_.q_heads, op.row()));
    const auto k = graph_.tensor(view(kK, "k", p_.kv_heads, op.row()));
    const auto v = graph_.tensor(view(kV, "v", p_.kv_heads, op.row()));
    auto options =
        fe::graph::SDPA_attributes().set_name("sdpa").set_generate_stats(false).set_attn_scale(op.scale());
    if (p_.causal)
      options.set_diagonal_alignment(fe::DiagonalAlignment_t::TOP_LEFT).set_diagonal_band_right_bound(0);
    // Keeps keys with key + bound > query, which is our window. One as long as the prompt masks nothing.
    if (p_.window > 0 && p_.window < p_.tokens)
      options.set_diagonal_band_left_bound(static_cast<int>(p_.window));
    const auto y = graph_.sdpa(q, k, v, options)[0];
    const std::int64_t y_row = p_.q_heads * p_.head_dim;
    y->set_output(true)
        .set_uid(kY)
        .set_dim({p_.sequences, p_.q_heads, p_.tokens, p_.head_dim})
        .set_stride({p_.tokens * y_row, p_.head_dim, y_row, 1});

    check(graph_.validate(), "validate");
    check(graph_.build_operation_graph(handle_.get()), "build the graph");
    check(graph_.create_execution_plans({fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK}), "ask for plans");
    check(graph_.check_support(), "check support");
    check(graph_.build_plans(), "build a plan");
    std::int64_t bytes = 0;
    check(graph_.get_workspace_size(bytes), "size the workspace");
    if (bytes > 0) workspace_ = lane.device().allocate(bytes);
  }

  std::int64_t workspace_bytes() const override { return workspace_ ? workspace_->buffer().bytes : 0; }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const std::int64_t head_bytes = p_.head_dim * bytes_of(p_.type);
    auto* qkv = static_cast<std::byte*>(in[0].data);
    pointers_[kQ] = qkv;
    pointers_[kK] = qkv + p_.q_heads * head_bytes;
    pointers_[kV] = qkv + (p_.q_heads + p_.kv_heads) * head_bytes;
    pointers_[kY] = out[0].data;
    if (fe::detail::set_stream(handle_.get(), static_cast<cudaStream_t>(stream.handle)) !=
        CUDNN_STATUS_SUCCESS)
      throw Error(ExitCode::device_failed, std::string(kName) + ": cuDNN refuses the stream");
    auto status = graph_.execute(handle_.get(), pointers_, workspace_ ? workspace_->buffer().data : nullptr);
    if (status.is_bad())
      throw Error(ExitCode::device_failed, std::string(kName) + ": " + status.get_message(),
                  "--kernel attention_prefill=flash runs without cuDNN");
  }

 private:
  enum Uid : std::int64_t { kQ = 1, kK, kV, kY };

  const AttentionPrefill::Params p_;
  CudnnHandle handle_;
  fe::graph::Graph graph_;
  std::unordered_map<std::int64_t, void*> pointers_;
  std::unique_ptr<Memory> workspace_;
};

}  // namespace

std::unique_ptr<Kernel> make_attention_prefill_cuda_cudnn(const Op& op, Lane& lane) {
  const auto& prefill = op_cast<AttentionPrefill>(op);
  const auto& p = prefill.p;
  if (p.type != DType::f16 && p.type != DType::bf16)
    refuse("takes f16 and bf16, not " + std::string(name(p.type)));
  if (p.softcap != 0) refuse("has no softcap");
  if (p.head_dim % 8 != 0 || p.head_dim > 256)
    refuse("takes heads of a multiple of 8 up to 256, not " + std::to_string(p.head_dim));
  open_cudnn();
  try {
    return std::make_unique<AttentionPrefillCudnn>(prefill, lane);
  } catch (const Unsupported&) {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {  // the frontend's: a function that this cuDNN lacks
    refuse(std::string("cannot start: ") + error.what());
  }
}

}  // namespace assay

#else

namespace assay {

std::unique_ptr<Kernel> make_attention_prefill_cuda_cudnn(const Op&, Lane&) {
  throw Unsupported(
      "attention_prefill/cudnn is not in this build: it was made without cuDNN's frontend headers");
}

}  // namespace assay

#endif
