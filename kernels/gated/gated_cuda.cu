// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/gated/gated.h"
#include "kernels/matmul/cuda/activation_cuda.cuh"

namespace assay {
namespace {

template <typename T, int N, Activation kActivation>
__global__ void __launch_bounds__(RowGrid::kThreads)
    gate_rows(const T* __restrict__ x,  // [rows, 2 columns]: gate, then up
              T* __restrict__ y,        // [rows, columns]
              std::int64_t rows, std::int64_t columns) {
  start_early();
  const std::int64_t row = grid_row(), column = grid_vector() * N;
  if (row >= rows || column >= columns) return;
  const T* gate_at = x + row * 2 * columns + column;
  const auto gate = Vec<T, N>::load(gate_at), up = Vec<T, N>::load(gate_at + columns);
  Vec<T, N> result;
#pragma unroll
  for (int i = 0; i < N; ++i)
    result.at[i] = from_float<T>(activated<kActivation>(to_float(gate.at[i])) * to_float(up.at[i]));
  result.store(y + row * columns + column);
}

template <typename T, Activation kActivation>
class GatedCuda final : public Kernel {
 public:
  explicit GatedCuda(const Gated& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (rows_align_16<T>(p_.cols))
      run<kVec16<T>>(stream, in, out);
    else
      run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const RowGrid shape(p_.rows, p_.cols / N);
    assay::launch_early(gate_rows<T, N, kActivation>, shape.grid, shape.block, 0, stream,
                        static_cast<const T*>(in[0].data), static_cast<T*>(out[0].data), p_.rows, p_.cols);
  }
  const Gated::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_gated_cuda(const Op& op, Lane&) {
  const auto& gated = op_cast<Gated>(op);
  return kernel_for(gated.p.type, "gated/fused", [&]<typename T>() -> std::unique_ptr<Kernel> {
    switch (gated.p.activation) {
      case Activation::none: return std::make_unique<GatedCuda<T, Activation::none>>(gated);
      case Activation::relu: return std::make_unique<GatedCuda<T, Activation::relu>>(gated);
      case Activation::silu: return std::make_unique<GatedCuda<T, Activation::silu>>(gated);
      case Activation::gelu_tanh: return std::make_unique<GatedCuda<T, Activation::gelu_tanh>>(gated);
      case Activation::gelu_erf: return std::make_unique<GatedCuda<T, Activation::gelu_erf>>(gated);
      case Activation::sigmoid: return std::make_unique<GatedCuda<T, Activation::sigmoid>>(gated);
      case Activation::softcap: break;
    }
    throw Unsupported("gated/fused has no softcap: the op gives no cap");
  });
}

}  // namespace assay
