// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "device/cuda/launch.cuh"
#include "kernels/matmul/cuda/epilogue_cuda.cuh"
#include "kernels/matmul/cuda/operands_cuda.h"

namespace assay {
namespace {

constexpr int kThreads = 256;

// A thread takes N neighbours in a row; T is the op's `out`. Rows lie side by side, so a flat index serves
// all.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    finish_elements(T* y,  // [rows, columns]; not restrict: it is read and written
                    MatMulEpilogue epilogue, std::int64_t elements, std::int64_t columns) {
  const std::int64_t first = (std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (first >= elements) return;
  const auto sums = Vec<T, N>::load(y + first);
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

template <typename T>
void finish(const MatMul::Params& p, const MatMulEpilogue& epilogue, const Stream& stream) {
  const std::int64_t elements = p.m * p.n;
  constexpr int kN = kVec16<T>;
  T* y = static_cast<T*>(epilogue.y);
  if (elements % kN == 0)
    launch(finish_elements<T, kN>, blocks_for(elements / kN, kThreads), kThreads, 0, stream, y, epilogue,
           elements, p.n);
  else
    launch(finish_elements<T, 1>, blocks_for(elements, kThreads), kThreads, 0, stream, y, epilogue, elements,
           p.n);
}

}  // namespace

void finish_matmul(const MatMul::Params& p, const MatMulOperands& operands, const Stream& stream) {
  const MatMulEpilogue epilogue{.y = operands.y,
                                .bias = operands.bias,
                                .residual = operands.residual,
                                .scale_x = nullptr,  // the product has them already
                                .scale_w = nullptr,
                                .out = p.out,
                                .activation = p.activation,
                                .cap = p.cap};
  switch (p.out) {
    case DType::f32: return finish<float>(p, epilogue, stream);
    case DType::f16: return finish<__half>(p, epilogue, stream);
    case DType::bf16: return finish<__nv_bfloat16>(p, epilogue, stream);
    default: throw std::logic_error("finish_matmul: out is " + std::string(name(p.out)));
  }
}

}  // namespace assay
