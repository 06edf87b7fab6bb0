// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/cross/cross.h"

namespace assay {
namespace {

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads)
    cross_rows(const T* __restrict__ x0, const T* __restrict__ u, const T* __restrict__ x,
               T* __restrict__ y,  // all [rows, columns]
               std::int64_t rows, std::int64_t columns) {
  const std::int64_t row = grid_row(), column = grid_vector() * N;
  if (row >= rows || column >= columns) return;
  const std::int64_t at = row * columns + column;
  const auto a = Vec<T, N>::load(x0 + at), b = Vec<T, N>::load(u + at), c = Vec<T, N>::load(x + at);
  Vec<T, N> result;
#pragma unroll
  for (int i = 0; i < N; ++i)
    result.at[i] = from_float<T>(fmaf(to_float(a.at[i]), to_float(b.at[i]), to_float(c.at[i])));
  result.store(y + at);
}

template <typename T>
class CrossCuda final : public Kernel {
 public:
  explicit CrossCuda(const Cross& op) : p_(op.p) {}

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
    assay::launch(cross_rows<T, N>, shape.grid, shape.block, 0, stream, static_cast<const T*>(in[0].data),
                  static_cast<const T*>(in[1].data), static_cast<const T*>(in[2].data),
                  static_cast<T*>(out[0].data), p_.rows, p_.cols);
  }
  const Cross::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_cross_cuda(const Op& op, Lane&) {
  const auto& cross = op_cast<Cross>(op);
  return kernel_for(cross.p.type, "cross/fused", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<CrossCuda<T>>(cross);
  });
}

}  // namespace assay
