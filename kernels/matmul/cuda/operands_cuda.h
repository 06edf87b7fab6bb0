// SPDX-License-Identifier: Apache-2.0
// A matmul's buffers by name.
#pragma once

#include "kernels/matmul/matmul.h"
#include "plan/kernel.h"

namespace assay {

struct MatMulOperands {
  const void *x, *w, *bias = nullptr, *residual = nullptr, *scale_x = nullptr, *scale_w = nullptr;
  void* y;

  MatMulOperands(const MatMul::Params& p, Buffers in, Buffers out)
      : x(in[0].data), w(in[1].data), y(out[0].data) {
    std::size_t next = 2;
    if (p.bias) bias = in[next++].data;
    if (p.residual) residual = in[next++].data;
    if (p.type == DType::f8e4m3) {
      scale_x = in[next].data;
      scale_w = in[next + 1].data;
    }
  }
};

/// y = activation(sums + bias) + residual, for what a library does not fuse. The sums are f32_sums [m, n], or
/// where that is null what y holds.
void finish_matmul(const MatMul::Params& p, const MatMulOperands& operands, const void* f32_sums,
                   const Stream& stream);

}  // namespace assay
