// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "device/cuda/early_start.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/matmul/cuda/epilogue_cuda.cuh"
#include "kernels/matmul/cuda/operands_cuda.h"

namespace assay {
namespace {

constexpr int kThreads = 256;

// A thread takes N neighbours in a row; T is the op's `out`, S that of the sums: f32, or T and then y itself.
// Rows lie side by side, so a flat index serves all.
template <typename T, typename S, int N>
__global__ void __launch_bounds__(kThreads)
    finish_elements(const S* sums_at,  // [rows, columns]; not restrict: it may be y
                    T* y,              // [rows, columns]
                    MatMulEpilogue epilogue, std::int64_t elements, std::int64_t columns) {
  start_early();
  const std::int64_t first = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (first >= elements) return;
  const auto sums = Vec<S, N>::load(sums_at + first);
  const T* bias = static_cast<const T*>(epilogue.bias);
  std::int64_t column = first % columns;
  float values[N];
#pragma unroll
  for (int j = 0; j < N; ++j) {
    values[j] = to_float(sums.at[j]) + (bias == nullptr ? 0.0f : to_float(bias[column]));
    if (++column == columns) column = 0;
  }
  activate(epilogue.activation, values, epilogue.cap);
  Vec<T, N> added = {};
  if (epilogue.residual != nullptr) added = Vec<T, N>::load(static_cast<const T*>(epilogue.residual) + first);
  Vec<T, N> result;
#pragma unroll
  for (int j = 0; j < N; ++j) result.at[j] = from_float<T>(values[j] + to_float(added.at[j]));
  result.store(y + first);
}

template <typename T, typename S>
void finish(const MatMul::Params& p, const void* sums_at, const MatMulEpilogue& epilogue,
            const Stream& stream) {
  const std::int64_t elements = p.m * p.n;
  constexpr int kN = kVec16<S>;
  const S* sums = static_cast<const S*>(sums_at);
  T* y = static_cast<T*>(epilogue.y);
  if (elements % kN == 0)
    launch_early(finish_elements<T, S, kN>, blocks_for(elements / kN, kThreads), kThreads, 0, stream, sums, y,
                 epilogue, elements, p.n);
  else
    launch_early(finish_elements<T, S, 1>, blocks_for(elements, kThreads), kThreads, 0, stream, sums, y,
                 epilogue, elements, p.n);
}

}  // namespace

void finish_matmul(const MatMul::Params& p, const MatMulOperands& operands, const void* f32_sums,
                   const Stream& stream) {
  const MatMulEpilogue epilogue{.y = operands.y,
                                .bias = operands.bias,
                                .residual = operands.residual,
                                .scale_x = nullptr,  // the product has them already
                                .scale_w = nullptr,
                                .out = p.out,
                                .activation = p.activation,
                                .cap = p.cap};
  const void* sums = f32_sums != nullptr ? f32_sums : operands.y;
  switch (p.out) {
    case DType::f32: return finish<float, float>(p, sums, epilogue, stream);
    case DType::f16:
      if (f32_sums != nullptr) return finish<__half, float>(p, sums, epilogue, stream);
      return finish<__half, __half>(p, sums, epilogue, stream);
    case DType::bf16:
      if (f32_sums != nullptr) return finish<__nv_bfloat16, float>(p, sums, epilogue, stream);
      return finish<__nv_bfloat16, __nv_bfloat16>(p, sums, epilogue, stream);
    default: throw std::logic_error("finish_matmul: out is " + std::string(name(p.out)));
  }
}

}  // namespace assay
