// SPDX-License-Identifier: Apache-2.0
// oneDNN's convolution on NHWC, which its kernels of AVX2 and AVX-512 run as fast as their blocked layouts,
// so that no layer's tensor is reordered. Weights are kept in the layout that it chooses.
#include <vector>

#include "device/cpu/onednn.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/elements_cpu.h"
#include "plan/kernel.h"

namespace assay {
namespace {

using Memory = dnnl::memory;
using Dims = Memory::dims;

Memory::data_type onednn_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return Memory::data_type::f32;
    case DType::bf16: return Memory::data_type::bf16;
    case DType::f16: return Memory::data_type::f16;
    default:
      throw Unsupported("oneDNN is asked for f32, bf16 and f16 alone, not " + std::string(name(dtype)));
  }
}

/// [batch, channels, height, width] in oneDNN's order of dimensions, channels last in memory.
Memory::desc pictures(const Dims& dims, Memory::data_type type) {
  return {dims, type, Memory::format_tag::nhwc};
}

dnnl::post_ops epilogue_of(const Conv2d::Params& p, const Memory::desc& y) {
  using Algorithm = dnnl::algorithm;
  dnnl::post_ops ops;
  if (p.residual == Residual::before_activation) ops.append_binary(Algorithm::binary_add, y);
  if (p.activation == Activation::relu) append_eltwise(ops, Algorithm::eltwise_relu, 0, 0);
  if (p.activation == Activation::silu) append_eltwise(ops, Algorithm::eltwise_swish, 1, 0);
  if (p.residual == Residual::after_activation) ops.append_binary(Algorithm::binary_add, y);
  return ops;
}

/// In the order of dimensions that oneDNN wants: groups first where there are any.
Dims weight_dims(const Conv2d& op) {
  const Dims one = {op.group_filters(), op.group_channels(), op.p.kernel_h, op.p.kernel_w};
  if (op.p.groups == 1) return one;
  return {op.p.groups, one[0], one[1], one[2], one[3]};
}

/// [K, R, S, C/groups] as the op has it.
Memory::desc plain_weights(const Conv2d& op, Memory::data_type type) {
  const std::int64_t pixel = op.group_channels(), row = op.p.kernel_w * pixel, filter = op.p.kernel_h * row;
  Dims strides = {filter, 1, row, pixel};
  if (op.p.groups > 1) strides.insert(strides.begin(), op.group_filters() * filter);
  return {weight_dims(op), type, strides};
}

class OnednnConv2d final : public Kernel {
 public:
  explicit OnednnConv2d(const Conv2d& op) : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const Conv2d::Params& p = op.p;
    const auto type = onednn_type(p.type);
    const Memory::desc x = pictures({p.batch, p.channels, p.height, p.width}, type),
                       y = pictures({p.batch, p.filters, op.out_height(), op.out_width()}, type),
                       plain = plain_weights(op, type), any(weight_dims(op), type, Memory::format_tag::any),
                       bias({p.filters}, type, Memory::format_tag::x);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(epilogue_of(p, y));
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto primitive = convolution_descriptor(engine_, x, any, bias, y,
                                                  {.strides = {p.stride_h, p.stride_w},
                                                   .dilates = {p.dilation - 1, p.dilation - 1},
                                                   .padding_begin = {p.pad.top, p.pad.left},
                                                   .padding_end = {p.pad.bottom, p.pad.right}},
                                                  attributes);
    const std::string implementation = primitive.impl_info_str();
    if (implementation.find("ref") != std::string::npos)
      throw Unsupported("oneDNN has only its reference implementation of this " + std::string(name(p.type)) +
                        " convolution here");
    // It adds the first group's residual to every group, and a wrong one to all pixels where rows lie wholly
    // on padding (2.6, seen on AVX2, where no other takes odd channels).
    if (p.residual != Residual::none && implementation.find("x64:gemm") != std::string::npos)
      throw Unsupported(
          "oneDNN has only its implementation by matrix products of this convolution here, which adds "
          "residuals wrongly");
    convolution_ = dnnl::convolution_forward(primitive);
    packed_ = Memory(primitive.weights_desc(), engine_);
    plain_ = Memory(plain, engine_, DNNL_MEMORY_NONE);
    reorder_ = dnnl::reorder(plain_, packed_);

    bind(DNNL_ARG_SRC, x);
    bind(DNNL_ARG_BIAS, bias);
    if (p.residual != Residual::none) {
      const bool first = p.residual == Residual::before_activation;
      const int index = first ? 0 : attributes.get_post_ops().len() - 1;
      bind(DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1, y);
    }
    bind(DNNL_ARG_DST, y);
    arguments_.push_back({DNNL_ARG_WEIGHTS, packed_.get()});
    kept_bytes_ = static_cast<std::int64_t>(primitive.weights_desc().get_size());
    if (const std::size_t bytes = primitive.scratchpad_desc().get_size(); bytes > 0) {
      scratchpad_ = Memory(primitive.scratchpad_desc(), engine_);
      arguments_.push_back({DNNL_ARG_SCRATCHPAD, scratchpad_.get()});
      kept_bytes_ += static_cast<std::int64_t>(bytes);
    }
  }

  std::int64_t workspace_bytes() const override { return kept_bytes_; }
  std::vector<std::size_t> packs() const override { return {1}; }
  void pack(Stream&, Buffers in) override {
    plain_.set_data_handle(in[1].data);
    reorder_.execute(stream_, plain_, packed_);
    stream_.wait();
  }

  void launch(Stream&, Buffers in, Buffers out) override {
    std::size_t next = 0;
    bound_[next++].set_data_handle(in[0].data);
    for (std::size_t i = 2; i < in.size(); ++i) bound_[next++].set_data_handle(in[i].data);
    bound_[next].set_data_handle(out[0].data);
    const dnnl_status_t status = dnnl_primitive_execute(
        convolution_.get(), stream_.get(), static_cast<int>(arguments_.size()), arguments_.data());
    if (status != dnnl_success)
      throw Error(ExitCode::device_failed,
                  "cpu: oneDNN convolution failed with status " + std::to_string(status),
                  "choose another kernel with --kernel conv2d=NAME");
  }

 private:
  void bind(int argument, const Memory::desc& desc) {
    bound_.push_back(Memory(desc, engine_, DNNL_MEMORY_NONE));  // the macro is an integer to a template
    arguments_.push_back({argument, bound_.back().get()});
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::convolution_forward convolution_;
  dnnl::reorder reorder_;
  Memory plain_, packed_, scratchpad_;
  std::vector<Memory> bound_;  // x, bias, residual, y: what a launch brings
  std::int64_t kept_bytes_ = 0;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_onednn(const Op& op, Lane&) {
  const auto& conv = op_cast<Conv2d>(op);
  try {
    return std::make_unique<OnednnConv2d>(conv);
  } catch (const dnnl::error& error) {
    throw Unsupported("oneDNN does not implement this convolution on this CPU (" + std::string(error.what()) +
                      ")");
  }
}

}  // namespace assay
