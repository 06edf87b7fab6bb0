// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/embedding/embedding.h"

namespace assay {
namespace {

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads)
    embed_rows(const std::int32_t* __restrict__ ids,        // [rows]
               const T* __restrict__ table,                 // [vocab, width]
               const std::int32_t* __restrict__ positions,  // [rows], or null
               const T* __restrict__ position_table,        // [positions, width]
               T* __restrict__ y,                           // [rows, width]
               std::int64_t rows, std::int64_t width, float scale) {
  start_early();
  const std::int64_t row = grid_row(), column = grid_vector() * N;
  if (row >= rows || column >= width) return;
  auto word = Vec<T, N>::load(table + ids[row] * width + column);
  if (positions != nullptr) {
    const auto place = Vec<T, N>::load(position_table + positions[row] * width + column);
#pragma unroll
    for (int i = 0; i < N; ++i)
      word.at[i] = from_float<T>(fmaf(to_float(word.at[i]), scale, to_float(place.at[i])));
  } else if (scale != 1) {
#pragma unroll
    for (int i = 0; i < N; ++i) word.at[i] = from_float<T>(to_float(word.at[i]) * scale);
  }
  word.store(y + row * width + column);
}

template <typename T>
class EmbeddingCuda final : public Kernel {
 public:
  explicit EmbeddingCuda(const Embedding& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (rows_align_16<T>(p_.width))
      run<kVec16<T>>(stream, in, out);
    else
      run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const RowGrid shape(p_.rows, p_.width / N);
    const bool with_positions = p_.positions > 0;
    assay::launch_early(embed_rows<T, N>, shape.grid, shape.block, 0, stream,
                        static_cast<const std::int32_t*>(in[0].data), static_cast<const T*>(in[1].data),
                        with_positions ? static_cast<const std::int32_t*>(in[2].data) : nullptr,
                        with_positions ? static_cast<const T*>(in[3].data) : nullptr,
                        static_cast<T*>(out[0].data), p_.rows, p_.width, p_.scale);
  }
  const Embedding::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_embedding_cuda(const Op& op, Lane&) {
  const auto& embedding = op_cast<Embedding>(op);
  return kernel_for(embedding.p.type, "embedding/gather", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<EmbeddingCuda<T>>(embedding);
  });
}

}  // namespace assay
