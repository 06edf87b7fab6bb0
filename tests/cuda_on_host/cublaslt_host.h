// SPDX-License-Identifier: Apache-2.0
// What cuBLASLt's opaque handles point to in its stand-in, and the one problem that all its calls are about.
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <map>
#include <memory>

struct cublasLtContext {};  // the library's own name for what a handle points to

namespace assay {

struct LtLayout : cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  std::int64_t rows, cols, ld;  // column-major: element (r, c) at r + c * ld
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
};

struct LtPreference : cublasLtMatmulPreferenceOpaque_t {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t alignment[4] = {256, 256, 256, 256};  // of A, B, C, D: the library's defaults
};

/// One call. Descriptors are copied: enqueued work outlives the caller's.
struct LtProblem {
  LtOperation op;
  LtLayout a, b, c, d;
  float alpha, beta;
  const void *a_data, *b_data, *c_data;
  void* d_data;
  float* sums;  // in the workspace, [columns of D][rows of D]; null: this way needs none
  std::int64_t k() const { return op.op_a == CUBLAS_OP_N ? a.cols : a.rows; }
  bool has_bias() const {
    return op.epilogue == CUBLASLT_EPILOGUE_BIAS || op.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS ||
           op.epilogue == CUBLASLT_EPILOGUE_GELU_BIAS;
  }
  cudaDataType_t bias_type() const {
    return op.bias_type == -1 ? d.type : static_cast<cudaDataType_t>(op.bias_type);
  }
};

std::int64_t bytes_of(cudaDataType_t type);
/// The library's rules about types, shapes and epilogues on the current target.
cublasStatus_t check_problem(const LtProblem& problem);
/// A plain reference: sums in f32, epilogue in f32, one rounding.
void compute_product(const LtProblem& problem);

/// The objects of one kind that were created and not destroyed.
template <typename T>
std::map<const void*, std::unique_ptr<T>>& living() {
  static std::map<const void*, std::unique_ptr<T>> all;
  return all;
}

}  // namespace assay
