// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/norm_row.cuh"
#include "kernels/rmsnorm/rmsnorm.h"

namespace assay {
namespace {

template <typename T, int N, int kPacks, bool kWarpRow>
__global__ void __launch_bounds__(NormShape::bounds(kWarpRow))
    rmsnorm_rows(const T* x,               // [rows, columns]
                 const T* __restrict__ w,  // [columns]
                 T* residual,              // [rows, columns] or null; s is written over it
                 T* y,                     // [rows, columns]
                 std::int64_t rows, std::int64_t columns, float eps, float weight_offset) {
  let_next_start();
  prefetch_row<N>(w, columns);
  wait_for_previous();
  __shared__ float scratch[kWarp];
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t row =
      kWarpRow ? std::int64_t{blockIdx.x} * NormShape::kWarpRows + thread / kWarp : std::int64_t{blockIdx.x};
  if (row >= rows) return;  // whole warps leave together, and rows of warps need no barrier
  NormRow<T, N, kPacks> s{.x = x + row * columns,
                          .residual = residual != nullptr ? residual + row * columns : nullptr,
                          .columns = columns,
                          .thread = kWarpRow ? thread % kWarp : thread,
                          .threads = kWarpRow ? kWarp : static_cast<int>(blockDim.x)};
  s.load();
  float squares = 0;
  s.each([&](std::int64_t, const float(&v)[N]) {
#pragma unroll
    for (int i = 0; i < N; ++i) squares += v[i] * v[i];
  });
  const float inv_rms = rsqrtf(row_sum<kWarpRow>(squares, scratch) / static_cast<float>(columns) + eps);
  s.each([&](std::int64_t column, const float(&v)[N]) {
    const auto weight = Vec<T, N>::load(w + column);
    Vec<T, N> result;
#pragma unroll
    for (int i = 0; i < N; ++i)
      result.at[i] = from_float<T>(v[i] * inv_rms * (to_float(weight.at[i]) + weight_offset));
    s.keep(column, v);
    result.store(y + row * columns + column);
  });
}

template <typename T>
class RmsNormCuda final : public Kernel {
 public:
  explicit RmsNormCuda(const RmsNorm& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    with_norm_shape<T>(p_.cols, [&]<int N, int kPacks, bool kWarpRow>(const NormShape& shape) {
      assay::launch_early(rmsnorm_rows<T, N, kPacks, kWarpRow>, shape.grid(p_.rows), shape.threads, 0, stream,
                          static_cast<const T*>(in[0].data), static_cast<const T*>(in[1].data),
                          p_.residual ? static_cast<T*>(out[1].data) : nullptr, static_cast<T*>(out[0].data),
                          p_.rows, p_.cols, p_.eps, p_.weight_offset);
    });
  }

 private:
  const RmsNorm::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_rmsnorm_cuda(const Op& op, Lane&) {
  const auto& rmsnorm = op_cast<RmsNorm>(op);
  return kernel_for(rmsnorm.p.type, "rmsnorm/fused", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<RmsNormCuda<T>>(rmsnorm);
  });
}

}  // namespace assay
