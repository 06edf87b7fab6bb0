// SPDX-License-Identifier: Apache-2.0
// oneDNN's matmul with plain weights [N, K], epilogue as post-ops. The arguments of the primitive are bound
// once: a launch sets their pointers.
#include <vector>

#include "device/cpu/onednn.h"
#include "kernels/elements_cpu.h"
#include "kernels/matmul/matmul.h"
#include "plan/kernel.h"

namespace assay {
namespace {

using Memory = dnnl::memory;

Memory::data_type onednn_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return Memory::data_type::f32;
    case DType::bf16: return Memory::data_type::bf16;
    default: throw Unsupported("oneDNN is asked for f32 and bf16 alone, not " + std::string(name(dtype)));
  }
}

dnnl::post_ops epilogue_of(const MatMul::Params& p, const Memory::desc& y) {
  using Algorithm = dnnl::algorithm;
  dnnl::post_ops ops;
  switch (p.activation) {
    case Activation::none: break;
    case Activation::relu: append_eltwise(ops, Algorithm::eltwise_relu, 0, 0); break;
    case Activation::silu: append_eltwise(ops, Algorithm::eltwise_swish, 1, 0); break;
    case Activation::sigmoid: append_eltwise(ops, Algorithm::eltwise_logistic, 0, 0); break;
    case Activation::gelu_tanh: append_eltwise(ops, Algorithm::eltwise_gelu_tanh, 0, 0); break;
    case Activation::gelu_erf: append_eltwise(ops, Algorithm::eltwise_gelu_erf, 0, 0); break;
    case Activation::softcap:
      append_eltwise(ops, Algorithm::eltwise_linear, 1 / p.cap, 0);
      append_eltwise(ops, Algorithm::eltwise_tanh, 0, 0, p.cap);
      break;
  }
  if (p.residual) ops.append_binary(Algorithm::binary_add, y);
  return ops;
}

class OnednnMatMul final : public Kernel {
 public:
  explicit OnednnMatMul(const MatMul::Params& p) : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const auto type = onednn_type(p.type), out = onednn_type(p.out);
    const Memory::desc x({p.m, p.k}, type, Memory::format_tag::ab),
        w({p.k, p.n}, type, Memory::format_tag::ba), y({p.m, p.n}, out, Memory::format_tag::ab),
        bias({1, p.n}, out, Memory::format_tag::ab);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(epilogue_of(p, y));
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto primitive = matmul_descriptor(engine_, x, w, p.bias ? &bias : nullptr, y, attributes);
    const std::string implementation = primitive.impl_info_str();
    if (implementation.find("ref") != std::string::npos)
      throw Unsupported("oneDNN has only its reference implementation of " + std::string(name(p.type)) +
                        " here");
    matmul_ = dnnl::matmul(primitive);

    bind(DNNL_ARG_SRC, x, &in_);
    bind(DNNL_ARG_WEIGHTS, w, &in_);
    if (p.bias) bind(DNNL_ARG_BIAS, bias, &in_);
    if (p.residual) {
      const int index = attributes.get_post_ops().len() - 1;
      bind(DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1, y, &in_);
    }
    bind(DNNL_ARG_DST, y, &out_);
    scratch_bytes_ = static_cast<std::int64_t>(primitive.scratchpad_desc().get_size());
    if (scratch_bytes_ > 0) {
      scratchpad_ = Memory(primitive.scratchpad_desc(), engine_);
      arguments_.push_back({DNNL_ARG_SCRATCHPAD, scratchpad_.get()});
    }
  }

  std::int64_t workspace_bytes() const override { return scratch_bytes_; }

  void launch(Stream&, Buffers in, Buffers out) override {
    for (std::size_t i = 0; i < in_.size(); ++i) in_[i].set_data_handle(in[i].data);
    out_[0].set_data_handle(out[0].data);
    const dnnl_status_t status = dnnl_primitive_execute(
        matmul_.get(), stream_.get(), static_cast<int>(arguments_.size()), arguments_.data());
    if (status != dnnl_success)
      throw Error(ExitCode::device_failed, "cpu: oneDNN matmul failed with status " + std::to_string(status),
                  "choose another kernel with --kernel matmul=NAME");
  }

 private:
  void bind(int argument, const Memory::desc& desc, std::vector<Memory>* memories) {
    memories->push_back(Memory(desc, engine_, DNNL_MEMORY_NONE));  // the macro is an integer to a template
    arguments_.push_back({argument, memories->back().get()});
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::matmul matmul_;
  std::vector<Memory> in_, out_;  // in the op's order
  Memory scratchpad_;
  std::int64_t scratch_bytes_ = 0;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace

std::unique_ptr<Kernel> make_matmul_onednn(const Op& op, Lane&) {
  const auto& p = op_cast<MatMul>(op).p;
  try {
    return std::make_unique<OnednnMatMul>(p);
  } catch (const dnnl::error& error) {
    throw Unsupported("oneDNN does not implement this matmul on this CPU (" + std::string(error.what()) +
                      ")");
  }
}

}  // namespace assay
