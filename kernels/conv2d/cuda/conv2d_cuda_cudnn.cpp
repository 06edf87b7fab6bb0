// SPDX-License-Identifier: Apache-2.0
// cuDNN's convolution with bias, activation and residual fused at run time, through its header-only frontend.
#include "kernels/conv2d/conv2d.h"
#include "plan/kernel.h"

#ifdef ASSAY_CUDNN_FRONTEND

#include <string>

#include "device/cuda/cudnn_plan.h"

namespace assay {
namespace {

namespace fe = cudnn_frontend;

constexpr std::string_view kName = "conv2d/cudnn";

[[noreturn]] void refuse(const std::string& reason) {
  throw Unsupported(std::string(kName) + " " + reason);
}

class Conv2dCudnn final : public Kernel {
 public:
  Conv2dCudnn(const Conv2d& op, Lane& lane) : plan_(kName, lane) {
    const auto& p = op.p;
    const std::int64_t out_h = op.out_height(), out_w = op.out_width();
    graph()
        .set_io_data_type(p.type == DType::f16 ? fe::DataType_t::HALF : fe::DataType_t::BFLOAT16)
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_compute_data_type(fe::DataType_t::FLOAT);
    const Value x = tensor(kX, "x", p.batch, p.channels, p.height, p.width);
    const Value w = tensor(kW, "w", p.filters, p.channels, p.kernel_h, p.kernel_w);
    Value y = graph().conv_fprop(x, w,
                                 fe::graph::Conv_fprop_attributes()
                                     .set_name("conv")
                                     .set_pre_padding({p.pad.top, p.pad.left})
                                     .set_post_padding({p.pad.bottom, p.pad.right})
                                     .set_stride({p.stride_h, p.stride_w})
                                     .set_dilation({p.dilation, p.dilation}));
    const auto add = [&](const Value& other) {
      y = graph().pointwise(y, other, fe::graph::Pointwise_attributes().set_mode(fe::PointwiseMode_t::ADD));
    };
    const auto add_residual = [&] { add(tensor(kResidual, "residual", p.batch, p.filters, out_h, out_w)); };
    add(tensor(kBias, "bias", 1, p.filters, 1, 1));
    if (p.residual == Residual::before_activation) add_residual();
    if (p.activation != Activation::none) {
      auto activation = fe::graph::Pointwise_attributes();
      if (p.activation == Activation::relu)
        activation.set_mode(fe::PointwiseMode_t::RELU_FWD);
      else
        activation.set_mode(fe::PointwiseMode_t::SWISH_FWD).set_swish_beta(1.0f);
      y = graph().pointwise(y, activation);
    }
    if (p.residual == Residual::after_activation) add_residual();
    y->set_output(true).set_uid(kY).set_dim({p.batch, p.filters, out_h, out_w});
    y->set_stride({out_h * out_w * p.filters, 1, out_w * p.filters, p.filters});
    plan_.build(lane);
  }

  std::int64_t workspace_bytes() const override { return plan_.workspace_bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    pointers_[kX] = in[0].data;
    pointers_[kW] = in[1].data;
    pointers_[kBias] = in[2].data;
    if (in.size() > 3) pointers_[kResidual] = in[3].data;
    pointers_[kY] = out[0].data;
    plan_.execute(pointers_, "--kernel conv2d=tensor runs without cuDNN");
  }

 private:
  enum Uid : std::int64_t { kX = 1, kW, kBias, kResidual, kY };
  using Value = std::shared_ptr<fe::graph::Tensor_attributes>;

  fe::graph::Graph& graph() { return plan_.graph(); }
  /// Dimensions in cuDNN's order, channels last in memory.
  Value tensor(Uid uid, const char* name, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return graph().tensor(fe::graph::Tensor_attributes()
                              .set_name(name)
                              .set_uid(uid)
                              .set_dim({n, c, h, w})
                              .set_stride({h * w * c, 1, w * c, c}));
  }

  CudnnPlan plan_;
  CudnnPlan::Pointers pointers_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_cudnn(const Op& op, Lane& lane) {
  const auto& conv = op_cast<Conv2d>(op);
  const auto& p = conv.p;
  // Its f32 may be tf32 inside.
  if (p.type != DType::f16 && p.type != DType::bf16)
    refuse("takes f16 and bf16, not " + std::string(name(p.type)));
  if (p.groups != 1) refuse("fuses at run time without groups alone");
  constexpr std::int64_t kAligned = 8;  // 16 bytes
  if (p.channels % kAligned != 0 || p.filters % kAligned != 0)
    refuse("takes channels and filters in multiples of 8, not " + std::to_string(p.channels) + " and " +
           std::to_string(p.filters));
  return cudnn_kernel(kName, [&] { return std::make_unique<Conv2dCudnn>(conv, lane); });
}

}  // namespace assay

#else

namespace assay {

std::unique_ptr<Kernel> make_conv2d_cudnn(const Op&, Lane&) {
  throw Unsupported("conv2d/cudnn is not in this build: it was made without cuDNN's frontend headers");
}

}  // namespace assay

#endif
