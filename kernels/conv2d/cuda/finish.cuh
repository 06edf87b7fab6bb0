// SPDX-License-Identifier: Apache-2.0
// What follows the sums of a convolution, in f32: bias, residual and activation in the op's order.
#pragma once

#include "kernels/conv2d/cuda/gather.cuh"
#include "kernels/matmul/cuda/activation_cuda.cuh"

namespace assay {

/// Stores N neighbouring filters of a pixel. `at` is their place in y and residual, `filter` in bias; both
/// are multiples of N.
template <int N, typename T>
__device__ inline void finish_conv(const ConvArgs<T>& args, float (&sums)[N], std::int64_t at,
                                   std::int64_t filter) {
  const auto bias = Vec<T, N>::load(args.bias + filter);
  Vec<T, N> residual = {};
  if (args.residual != nullptr) residual = Vec<T, N>::load(args.residual + at);
#pragma unroll
  for (int i = 0; i < N; ++i) {
    sums[i] += to_float(bias.at[i]);
    if (args.residual != nullptr && args.residual_first) sums[i] += to_float(residual.at[i]);
  }
  activate(args.activation, sums, 0.0f);
  Vec<T, N> result;
#pragma unroll
  for (int i = 0; i < N; ++i) {
    if (args.residual != nullptr && !args.residual_first) sums[i] += to_float(residual.at[i]);
    result.at[i] = from_float<T>(sums[i]);
  }
  result.store(args.y + at);
}

}  // namespace assay
