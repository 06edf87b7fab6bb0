// SPDX-License-Identifier: Apache-2.0
// cuDNN's fused attention, through its header-only frontend, on strided views of the fused qkv matrix.
#include "kernels/attention_prefill/attention_prefill.h"
#include "plan/kernel.h"

#ifdef ASSAY_CUDNN_FRONTEND

#include <string>

#include "device/cuda/cudnn_plan.h"

namespace assay {
namespace {

namespace fe = cudnn_frontend;

constexpr std::string_view kName = "attention_prefill/cudnn";

[[noreturn]] void refuse(const std::string& reason) {
  throw Unsupported(std::string(kName) + " " + reason);
}

class AttentionPrefillCudnn final : public Kernel {
 public:
  AttentionPrefillCudnn(const AttentionPrefill& op, Lane& lane) : p_(op.p), plan_(kName, lane) {
    fe::graph::Graph& graph = plan_.graph();
    const auto type = p_.type == DType::f16 ? fe::DataType_t::HALF : fe::DataType_t::BFLOAT16;
    graph.set_io_data_type(type)
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
    const auto q = graph.tensor(view(kQ, "q", p_.q_heads, op.row()));
    const auto k = graph.tensor(view(kK, "k", p_.kv_heads, op.row()));
    const auto v = graph.tensor(view(kV, "v", p_.kv_heads, op.row()));
    auto options =
        fe::graph::SDPA_attributes().set_name("sdpa").set_generate_stats(false).set_attn_scale(op.scale());
    if (p_.causal)
      options.set_diagonal_alignment(fe::DiagonalAlignment_t::TOP_LEFT).set_diagonal_band_right_bound(0);
    // Keeps keys with key + bound > query, which is our window. One as long as the prompt masks nothing.
    if (p_.window > 0 && p_.window < p_.tokens)
      options.set_diagonal_band_left_bound(static_cast<int>(p_.window));
    const auto y = graph.sdpa(q, k, v, options)[0];
    const std::int64_t y_row = p_.q_heads * p_.head_dim;
    y->set_output(true)
        .set_uid(kY)
        .set_dim({p_.sequences, p_.q_heads, p_.tokens, p_.head_dim})
        .set_stride({p_.tokens * y_row, p_.head_dim, y_row, 1});
    plan_.build(lane);
  }

  std::int64_t workspace_bytes() const override { return plan_.workspace_bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t head_bytes = p_.head_dim * bytes_of(p_.type);
    auto* qkv = static_cast<std::byte*>(in[0].data);
    pointers_[kQ] = qkv;
    pointers_[kK] = qkv + p_.q_heads * head_bytes;
    pointers_[kV] = qkv + (p_.q_heads + p_.kv_heads) * head_bytes;
    pointers_[kY] = out[0].data;
    plan_.execute(pointers_, "--kernel attention_prefill=flash runs without cuDNN");
  }

 private:
  enum Uid : std::int64_t { kQ = 1, kK, kV, kY };

  const AttentionPrefill::Params p_;
  CudnnPlan plan_;
  CudnnPlan::Pointers pointers_;
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
  return cudnn_kernel(kName, [&] { return std::make_unique<AttentionPrefillCudnn>(prefill, lane); });
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
