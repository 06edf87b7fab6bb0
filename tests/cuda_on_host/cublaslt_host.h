// SPDX-License-Identifier: Apache-2.0
// What cuBLASLt's opaque handles point to in its stand-in, and the one call that all its functions are about:
// D = epilogue(scales A^T B + beta C), the columns of each side by side, which is all that our backend asks.
#pragma once

#include <cublasLt.h>

#include <cstdint>

struct cublasLtContext {};  // the library's own name for what a handle points to

namespace assay::host {

struct LtLayout : cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  std::int64_t rows, cols, ld;
  std::int64_t elements() const { return rows * cols; }
};

struct LtOperation : cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute;
  cudaDataType_t scale_type;
  cublasOperation_t op_a = CUBLAS_OP_N, op_b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  std::int32_t bias_type = -1;  // that of D
  const void* bias = nullptr;
  const float *scale_a = nullptr, *scale_b = nullptr;
  std::int8_t fast_accumulation = 0;
  bool has_bias() const {
    return epilogue == CUBLASLT_EPILOGUE_BIAS || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS ||
           epilogue == CUBLASLT_EPILOGUE_GELU_BIAS;
  }
};

struct LtPreference : cublasLtMatmulPreferenceOpaque_t {
  std::uint64_t workspace_bytes = 0;
};

/// Descriptors are copied: enqueued work outlives the caller's.
struct LtCall {
  LtOperation op;
  LtLayout a, b, c, d;  // A [k, m], B [k, n], D [m, n]
  float beta;
  const void *a_data, *b_data, *c_data;
  void* d_data;
  float* sums;  // in the workspace, as D; null: this way needs none
  cudaDataType_t bias_type() const {
    return op.bias_type == -1 ? d.type : static_cast<cudaDataType_t>(op.bias_type);
  }
};

std::int64_t bytes_of(cudaDataType_t type);
/// The library's rules about types, shapes and epilogues on the current target.
cublasStatus_t check(const LtCall& call);
/// A plain reference: sums in f32, epilogue in f32, one rounding.
void compute(const LtCall& call);

}  // namespace assay::host
