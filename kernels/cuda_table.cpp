// SPDX-License-Identifier: Apache-2.0
// The CUDA kernels: a declaration and a line each. Several may serve one op; the runner measures which is fastest.
#include <memory>
#include <vector>

#include "device/cuda/cuda_backend.h"
#include "plan/kernel.h"

namespace assay {

std::unique_ptr<Kernel> make_matmul_cublaslt(const Op& op, Device& device);
std::unique_ptr<Kernel> make_matmul_cublaslt_fast(const Op& op, Device& device);
std::unique_ptr<Kernel> make_matmul_skinny(const Op& op, Device& device);

KernelTable cuda_kernels() {
  static const std::vector<KernelEntry> table = {
      {"matmul", "cublaslt", "cuBLASLt, its fastest algorithm by measurement, epilogue fused where it can",
       make_matmul_cublaslt},
      {"matmul", "cublaslt_fast", "the same for fp8, with the tensor cores' shorter sums", make_matmul_cublaslt_fast},
      {"matmul", "skinny", "up to 16 rows: streams the weights once, epilogue fused", make_matmul_skinny},
  };
  return table;
}

}  // namespace assay
