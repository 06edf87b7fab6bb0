// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/row_grid.cuh"
#include "kernels/tokens/tokens.h"

namespace assay {
namespace {

template <typename T, int N>
__global__ void __launch_bounds__(RowGrid::kThreads)
    add_positions(const T* __restrict__ x,            // [images, patches, width]
                  const T* __restrict__ class_token,  // [width]
                  const T* __restrict__ positions,    // [1 + patches, width]
                  T* __restrict__ y,                  // [images, 1 + patches, width]
                  std::int64_t rows, std::int64_t patches, std::int64_t width) {
  const std::int64_t row = grid_row(), c = grid_vector() * N;
  if (row >= rows || c >= width) return;
  const std::int64_t image = row / (1 + patches), token = row % (1 + patches);
  const auto from =
      Vec<T, N>::load((token == 0 ? class_token : x + (image * patches + token - 1) * width) + c);
  const auto position = Vec<T, N>::load(positions + token * width + c);
  Vec<T, N> sum;
#pragma unroll
  for (int i = 0; i < N; ++i) sum.at[i] = from_float<T>(to_float(from.at[i]) + to_float(position.at[i]));
  sum.store(y + row * width + c);
}

template <typename T>
class TokensCuda final : public Kernel {
 public:
  explicit TokensCuda(const Tokens& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    rows_align_16<T>(p_.width) ? run<kVec16<T>>(stream, in, out) : run<1>(stream, in, out);
  }

 private:
  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const std::int64_t rows = p_.images * (1 + p_.patches);
    const RowGrid shape(rows, p_.width / N);
    assay::launch(add_positions<T, N>, shape.grid, shape.block, 0, stream, static_cast<const T*>(in[0].data),
                  static_cast<const T*>(in[1].data), static_cast<const T*>(in[2].data),
                  static_cast<T*>(out[0].data), rows, p_.patches, p_.width);
  }
  const Tokens::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_tokens_cuda(const Op& op, Lane&) {
  const auto& tokens = op_cast<Tokens>(op);
  return kernel_for(tokens.p.type, "tokens/fused", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<TokensCuda<T>>(tokens);
  });
}

}  // namespace assay
