// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/concat/concat.h"

namespace assay {
namespace {

/// Unused places have no columns, at the end of the row.
struct Parts {
  static constexpr int kMost = static_cast<int>(Concat::kMost);
  const void* from[kMost];        // [rows, end - begin]
  std::int64_t begin[kMost + 1];  // columns of y
};

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads) concat_rows(Parts parts,
                                                                 T* __restrict__ y,  // [rows, columns]
                                                                 std::int64_t rows, std::int64_t columns) {
  const std::int64_t row = grid_row(), column = grid_vector() * N;
  if (row >= rows || column >= columns) return;
  // Selected, not indexed by a variable: parameters stay out of local memory.
  const void* from = parts.from[0];
  std::int64_t begin = 0, end = parts.begin[1];
#pragma unroll
  for (int i = 1; i < Parts::kMost; ++i)
    if (column >= parts.begin[i]) from = parts.from[i], begin = parts.begin[i], end = parts.begin[i + 1];
  const T* at = static_cast<const T*>(from) + row * (end - begin) + column - begin;
  Vec<T, N>::load(at).store(y + row * columns + column);
}

template <typename T>
class ConcatCuda final : public Kernel {
 public:
  explicit ConcatCuda(const Concat& op) : rows_(op.row_count()), columns_(op.columns()) {
    for (std::size_t i = 0; i <= Concat::kMost; ++i)
      parts_.begin[i] = op.begin(std::min(i, op.p.parts.size()));
    for (const Shape& part : op.p.parts) wide_ = wide_ && rows_align_16<T>(elements_of(part));
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    Parts parts = parts_;
    for (std::size_t i = 0; i < in.size(); ++i) parts.from[i] = in[i].data;
    wide_ ? run<kVec16<T>>(stream, parts, out) : run<1>(stream, parts, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, const Parts& parts, Buffers out) const {
    const RowGrid shape(rows_, columns_ / N);
    assay::launch(concat_rows<T, N>, shape.grid, shape.block, 0, stream, parts, static_cast<T*>(out[0].data),
                  rows_, columns_);
  }
  const std::int64_t rows_, columns_;
  Parts parts_ = {};
  bool wide_ = true;
};

}  // namespace

std::unique_ptr<Kernel> make_concat_cuda(const Op& op, Lane&) {
  const auto& concat = op_cast<Concat>(op);
  return kernel_for(concat.p.type, "concat/copy", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<ConcatCuda<T>>(concat);
  });
}

}  // namespace assay
