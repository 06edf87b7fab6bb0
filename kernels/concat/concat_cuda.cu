// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/concat/concat.h"

namespace assay {
namespace {

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads)
    concat_rows(const T* __restrict__ left,   // [rows, columns of the left]
                const T* __restrict__ right,  // [rows, parts, width]: the other columns
                T* __restrict__ y,            // [rows, columns]
                std::int64_t rows, std::int64_t left_columns, std::int64_t columns) {
  const std::int64_t row = grid_row(), column = grid_vector() * N;
  if (row >= rows || column >= columns) return;
  const T* from = column < left_columns ? left + row * left_columns + column
                                        : right + row * (columns - left_columns) + column - left_columns;
  Vec<T, N>::load(from).store(y + row * columns + column);
}

template <typename T>
class ConcatCuda final : public Kernel {
 public:
  explicit ConcatCuda(const Concat& op) : p_(op.p), columns_(op.columns()) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (rows_align_16<T>(p_.left) && rows_align_16<T>(columns_))
      run<kVec16<T>>(stream, in, out);
    else
      run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const RowGrid shape(p_.rows, columns_ / N);
    assay::launch(concat_rows<T, N>, shape.grid, shape.block, 0, stream, static_cast<const T*>(in[0].data),
                  static_cast<const T*>(in[1].data), static_cast<T*>(out[0].data), p_.rows, p_.left,
                  columns_);
  }
  const Concat::Params p_;
  const std::int64_t columns_;
};

}  // namespace

std::unique_ptr<Kernel> make_concat_cuda(const Op& op, Lane&) {
  const auto& concat = op_cast<Concat>(op);
  return kernel_for(concat.p.type, "concat/copy", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<ConcatCuda<T>>(concat);
  });
}

}  // namespace assay
