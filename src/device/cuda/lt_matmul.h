// SPDX-License-Identifier: Apache-2.0
// One matmul shape in cuBLASLt's terms, with the algorithms its heuristics propose. Which one is fastest is
// for the caller to measure.
//
// cuBLASLt thinks in columns. Row-major y [m, n] = x [m, k] w [n, k]^T is, column-major and with the same
// bytes, y' [n, m] = w' [k, n]^T x' [k, m]: its A is w (transposed), its B is x, its D is y, the leading
// dimensions are k, k and n. A bias along n is then a bias along D's rows, which is the one the library
// fuses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "device/cuda/lt_context.h"

namespace assay {

/// y = epilogue(scale_x * scale_w * x w^T + residual). Note the library's order: residual before activation.
struct LtProblem {
  std::int64_t m, n, k;
  DType type, out;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  bool residual = false;
  bool fast_accumulation = false;  // fp8 only: sums of products kept in fewer bits than f32
};

struct LtPointers {
  const void* x;
  const void* w;
  void* y;
  const void* bias = nullptr;
  const void* residual = nullptr;
  const void* scale_x = nullptr;  // fp8 only
  const void* scale_w = nullptr;
};

class LtMatmul {
 public:
  static constexpr int kMostAlgorithms = 32;

  /// Unsupported with a reason where the library has no algorithm.
  LtMatmul(const LtContext& context, const LtProblem& problem);

  std::size_t algorithms() const { return algorithms_.size(); }  // best guess first
  /// What each is made of, as the library numbers it: "algo 66 tile 20 stages 36 ...". No two are the same.
  const std::vector<std::string>& names() const { return names_; }
  void run(std::size_t algorithm, const LtPointers& pointers, const Stream& stream);

 private:
  void set_pointers(const LtPointers& pointers);
  void find_algorithms();

  const LtContext& context_;
  const LtProblem problem_;
  CudaHandle<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy> operation_;
  CudaHandle<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy> w_, x_, y_;
  std::vector<cublasLtMatmulAlgo_t> algorithms_;
  std::vector<std::string> names_;
};

}  // namespace assay
