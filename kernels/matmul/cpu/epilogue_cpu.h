// SPDX-License-Identifier: Apache-2.0
// What comes after the sums: bias, activation, residual, rounding. Bound to a launch's buffers.
#pragma once

#include "kernels/matmul/matmul.h"
#include "plan/kernel.h"

namespace assay::cpu {

struct MatMulEpilogue {
  MatMulEpilogue(const MatMul::Params& p, Buffers in, Buffers out)
      : activation(p.activation),
        cap(p.cap),
        type(p.out),
        cols(p.n),
        bias(p.bias ? in[2].data : nullptr),
        residual(p.residual ? in[p.bias ? 3 : 2].data : nullptr),
        y(out[0].data) {}

  /// Where y[row, col] goes.
  const void* at(std::int64_t row, std::int64_t col) const {
    return static_cast<const char*>(y) + (row * cols + col) * bytes_of(type);
  }

  Activation activation;
  float cap;
  DType type;         // of bias, residual and y
  std::int64_t cols;  // of y
  const void* bias;
  const void* residual;  // null where there is none
  void* y;
};

/// Refuses what no kernel of ours computes on a CPU.
inline void require_widened(const MatMul::Params& p, std::string_view kernel) {
  for (const DType type : {p.type, p.out})
    if (type != DType::f32 && type != DType::bf16 && type != DType::f16)
      throw Unsupported(std::string(kernel) + " takes f32, bf16 and f16, not " + std::string(name(type)));
}

}  // namespace assay::cpu
