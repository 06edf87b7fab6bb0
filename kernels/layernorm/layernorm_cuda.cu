// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/dispatch.cuh"
#include "device/cuda/early_start.cuh"
#include "device/cuda/norm_row.cuh"
#include "kernels/layernorm/layernorm.h"

namespace assay {
namespace {

// The variance is summed around the mean, in a second pass over the registers: E[s^2] - mean^2 would cancel.
template <typename T, int N, int kPacks, bool kWarpRow>
__global__ void __launch_bounds__(NormShape::bounds(kWarpRow))
    layernorm_rows(const T* x,                                        // [rows, columns]
                   const T* __restrict__ w, const T* __restrict__ b,  // [columns]
                   T* residual,  // [rows, columns] or null; s is written over it
                   T* y,         // [rows, columns]
                   std::int64_t rows, std::int64_t columns, float eps) {
  start_early();
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
  float sum = 0;
  s.each([&](std::int64_t, const float(&v)[N]) {
#pragma unroll
    for (int i = 0; i < N; ++i) sum += v[i];
  });
  const float mean = row_sum<kWarpRow>(sum, scratch) / static_cast<float>(columns);
  float deviations = 0, squares = 0;
  s.each([&](std::int64_t, const float(&v)[N]) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      deviations += v[i] - mean;
      squares += (v[i] - mean) * (v[i] - mean);
    }
  });
  // What the rounding of the mean left over; it shows where a row's values differ by little.
  const float rest = row_sum<kWarpRow>(deviations, scratch) / static_cast<float>(columns);
  const float variance = row_sum<kWarpRow>(squares, scratch) / static_cast<float>(columns) - rest * rest;
  const float inv_deviation = rsqrtf(variance + eps);
  s.each([&](std::int64_t column, const float(&v)[N]) {
    const auto weight = Vec<T, N>::load(w + column), bias = Vec<T, N>::load(b + column);
    Vec<T, N> result;
#pragma unroll
    for (int i = 0; i < N; ++i)
      result.at[i] = from_float<T>(
          fmaf((v[i] - mean - rest) * inv_deviation, to_float(weight.at[i]), to_float(bias.at[i])));
    s.keep(column, v);
    result.store(y + row * columns + column);
  });
}

template <typename T>
class LayerNormCuda final : public Kernel {
 public:
  explicit LayerNormCuda(const LayerNorm& op) : p_(op.p) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    with_norm_shape<T>(p_.cols, [&]<int N, int kPacks, bool kWarpRow>(const NormShape& shape) {
      assay::launch_early(layernorm_rows<T, N, kPacks, kWarpRow>, shape.grid(p_.rows), shape.threads, 0,
                          stream, static_cast<const T*>(in[0].data), static_cast<const T*>(in[1].data),
                          static_cast<const T*>(in[2].data),
                          p_.residual ? static_cast<T*>(out[1].data) : nullptr, static_cast<T*>(out[0].data),
                          p_.rows, p_.cols, p_.eps);
    });
  }

 private:
  const LayerNorm::Params p_;
};

}  // namespace

std::unique_ptr<Kernel> make_layernorm_cuda(const Op& op, Lane&) {
  const auto& layernorm = op_cast<LayerNorm>(op);
  return kernel_for(layernorm.p.type, "layernorm/fused", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<LayerNormCuda<T>>(layernorm);
  });
}

}  // namespace assay
