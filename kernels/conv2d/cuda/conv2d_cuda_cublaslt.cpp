// SPDX-License-Identifier: Apache-2.0
// A pointwise convolution is a matrix product of the pixels with the weights, as they lie. Where matmul has
// an order of the epilogue it is matmul's kernel; a residual that joins before relu is the library's own
// order.
#include "device/cuda/cuda_lane.h"
#include "device/cuda/lt_matmul.h"
#include "kernels/conv2d/conv2d.h"
#include "plan/kernel.h"

namespace assay {

std::unique_ptr<Kernel> make_matmul_cublaslt(const Op& op, Lane& lane);

namespace {

std::int64_t pixels_of(const Conv2d& op) {
  return op.p.batch * op.p.height * op.p.width;
}

class ResidualThenRelu final : public Kernel {
 public:
  ResidualThenRelu(const Conv2d& op, const LtContext& context)
      : matmul_(context, {.m = pixels_of(op),
                          .n = op.p.filters,
                          .k = op.p.channels,
                          .type = op.p.type,
                          .out = op.p.type,
                          .epilogue = CUBLASLT_EPILOGUE_RELU_BIAS,
                          .residual = true}) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    matmul_.run(
        algorithm_,
        {.x = in[0].data, .w = in[1].data, .y = out[0].data, .bias = in[2].data, .residual = in[3].data},
        stream);
  }
  std::int64_t workspace_bytes() const override {
    return LtContext::kWorkspaceBytes;
  }  // shared by all of them
  std::vector<std::string> variants() const override { return matmul_.names(); }
  void use(std::size_t variant) override { algorithm_ = variant; }

 private:
  LtMatmul matmul_;
  std::size_t algorithm_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_cublaslt(const Op& op, Lane& lane) {
  const auto& conv = op_cast<Conv2d>(op);
  const auto& p = conv.p;
  if (!conv.pointwise()) throw Unsupported("cublaslt takes unpadded 1x1 convolutions of stride 1");
  if (p.residual == Residual::before_activation && p.activation == Activation::silu)
    throw Unsupported("cublaslt has no silu of a sum with a residual");
  if (p.residual == Residual::before_activation && p.activation == Activation::relu) {
    CudaLane& cuda = cuda_lane(lane);
    cuda.stream();  // handles are made on this device
    return std::make_unique<ResidualThenRelu>(conv, cuda.lt());
  }
  return make_matmul_cublaslt(MatMul({.m = pixels_of(conv),
                                      .n = p.filters,
                                      .k = p.channels,
                                      .type = p.type,
                                      .out = p.type,
                                      .bias = true,
                                      .activation = p.activation,
                                      .residual = p.residual != Residual::none}),
                              lane);
}

}  // namespace assay
