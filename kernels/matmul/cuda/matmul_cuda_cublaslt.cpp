// SPDX-License-Identifier: Apache-2.0
// cuBLASLt, with the algorithms that its heuristics propose as variants. Either the library fuses the whole
// epilogue, or at most the bias, and one small kernel of ours does the rest in place.
#include <optional>
#include <string>
#include <vector>

#include "device/cuda/cuda_lane.h"
#include "device/cuda/lt_matmul.h"
#include "kernels/matmul/cuda/operands_cuda.h"

namespace assay {
namespace {

/// The library's epilogue that does all of the op's, if there is one.
std::optional<cublasLtEpilogue_t> whole_epilogue(const MatMul::Params& p) {
  switch (p.activation) {
    case Activation::none: return p.bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
    case Activation::relu:
      if (p.residual) return std::nullopt;  // it would be added before the activation
      return p.bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_RELU;
    case Activation::gelu_tanh:
      // The library's precision here is not documented: only bf16 hides it for certain.
      if (p.residual || p.out != DType::bf16) return std::nullopt;
      return p.bias ? CUBLASLT_EPILOGUE_GELU_BIAS : CUBLASLT_EPILOGUE_GELU;
    default: return std::nullopt;
  }
}

/// On rows that are not aligned to 16 bytes the library's kernels for 16-bit types store the sum and only
/// then add the bias: what it takes away leaves the rounding of all (seen with 13.0 on an H100, up to 1.3
/// times the tolerance; aligned rows do not).
bool stores_before_epilogue(const MatMul::Params& p) {
  const bool narrow = p.out == DType::bf16 || p.out == DType::f16;
  const bool epilogue = p.bias || p.residual || p.activation != Activation::none;
  return narrow && epilogue && (p.k * bytes_of(p.type) % 16 != 0 || p.n * bytes_of(p.out) % 16 != 0);
}

class MatMulCublasLt final : public Kernel {
 public:
  MatMulCublasLt(const MatMul& op, CudaLane& lane, bool fast_accumulation) : p_(op.p) {
    lane.stream();  // handles are made on this device
    LtProblem problem{.m = p_.m,
                      .n = p_.n,
                      .k = p_.k,
                      .type = p_.type,
                      .out = p_.out,
                      .fast_accumulation = fast_accumulation};
    const auto fuses = [&](cublasLtEpilogue_t epilogue, bool residual) {
      problem.epilogue = epilogue;
      problem.residual = residual;
      try {
        matmul_.emplace(lane.lt(), problem);
        return true;
      } catch (const Unsupported&) {
        return false;
      }
    };
    if (stores_before_epilogue(p_)) {
      problem.out = DType::f32;
      sums_ = lane.allocate(p_.m * p_.n * bytes_of(DType::f32));
      matmul_.emplace(lane.lt(), problem);
      return;
    }
    if (const auto whole = whole_epilogue(p_)) finish_ = !fuses(*whole, p_.residual);
    // The bias joins before the sum is stored: one that takes most of the sum away would leave the rounding
    // of all.
    if (finish_) bias_fused_ = p_.bias && fuses(CUBLASLT_EPILOGUE_BIAS, false);
    if (!matmul_) {
      problem.epilogue = CUBLASLT_EPILOGUE_DEFAULT;
      problem.residual = false;
      matmul_.emplace(lane.lt(), problem);
    }
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const MatMulOperands operands(p_, in, out);
    void* const f32_sums = sums_ != nullptr ? sums_->buffer().data : nullptr;
    matmul_->run(algorithm_,
                 {.x = operands.x,
                  .w = operands.w,
                  .y = f32_sums != nullptr ? f32_sums : operands.y,
                  .bias = operands.bias,
                  .residual = operands.residual,
                  .scale_x = operands.scale_x,
                  .scale_w = operands.scale_w},
                 stream);
    if (!finish_) return;
    MatMulOperands left = operands;
    if (bias_fused_) left.bias = nullptr;
    finish_matmul(p_, left, f32_sums, stream);
  }
  std::int64_t workspace_bytes() const override {
    // The library's is shared by all of them.
    return LtContext::kWorkspaceBytes + (sums_ != nullptr ? sums_->buffer().bytes : 0);
  }
  std::vector<std::string> variants() const override { return matmul_->names(); }
  void use(std::size_t variant) override { algorithm_ = variant; }

 private:
  const MatMul::Params p_;
  std::optional<LtMatmul> matmul_;
  std::unique_ptr<Memory> sums_;  // f32 [m, n], where the library would round them
  bool finish_ = true;            // something is left for our own kernel
  bool bias_fused_ = false;
  std::size_t algorithm_ = 0;
};

void require_f8_units(const MatMul& op, const CudaDevice& device) {
  constexpr int kFirstWithF8 = 89;
  if (op.p.type == DType::f8e4m3 && device.compute_capability() < kFirstWithF8)
    throw Unsupported("cublaslt has fp8 from compute capability 8.9, this device has " +
                      std::to_string(device.compute_capability() / 10) + "." +
                      std::to_string(device.compute_capability() % 10));
}

}  // namespace

std::unique_ptr<Kernel> make_matmul_cublaslt(const Op& op, Lane& lane) {
  const auto& matmul = op_cast<MatMul>(op);
  CudaLane& cuda = cuda_lane(lane);
  require_f8_units(matmul, cuda.device());
  return std::make_unique<MatMulCublasLt>(matmul, cuda, false);
}

std::unique_ptr<Kernel> make_matmul_cublaslt_fast(const Op& op, Lane& lane) {
  const auto& matmul = op_cast<MatMul>(op);
  CudaLane& cuda = cuda_lane(lane);
  require_f8_units(matmul, cuda.device());
  if (matmul.p.type != DType::f8e4m3) throw Unsupported("cublaslt_fast differs from cublaslt for fp8 only");
  return std::make_unique<MatMulCublasLt>(matmul, cuda, true);
}

}  // namespace assay
