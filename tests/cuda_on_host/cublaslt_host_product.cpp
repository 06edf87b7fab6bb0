// SPDX-License-Identifier: Apache-2.0
// What cuBLASLt accepts, as its documentation of cublasLtMatmul() tabulates it, and the product itself.
#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "cublaslt_host.h"
#include "host_runtime.h"

namespace assay {
namespace {

/// A row of the documentation's tables: A and B, C and D, bias.
struct Types {
  cublasComputeType_t compute;
  cudaDataType_t in, out, bias;
};
constexpr Types kTypes[] = {{CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
                            {CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F},
                            {CUBLAS_COMPUTE_32F, CUDA_R_16F, CUDA_R_16F, CUDA_R_16F},
                            {CUBLAS_COMPUTE_32F, CUDA_R_16F, CUDA_R_32F, CUDA_R_32F},
                            {CUBLAS_COMPUTE_32F, CUDA_R_16BF, CUDA_R_16BF, CUDA_R_16BF},
                            {CUBLAS_COMPUTE_32F, CUDA_R_16BF, CUDA_R_32F, CUDA_R_32F},
                            {CUBLAS_COMPUTE_32F, CUDA_R_8F_E4M3, CUDA_R_16F, CUDA_R_16F},
                            {CUBLAS_COMPUTE_32F, CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_16BF},
                            {CUBLAS_COMPUTE_32F, CUDA_R_8F_E4M3, CUDA_R_32F, CUDA_R_16BF}};

bool shapes_fit(const LtProblem& p) {
  const bool plain_a = p.op.op_a == CUBLAS_OP_N, plain_b = p.op.op_b == CUBLAS_OP_N;
  for (const LtLayout* layout : {&p.a, &p.b, &p.c, &p.d})
    if (layout->rows < 1 || layout->cols < 1 || layout->ld < layout->rows) return false;
  return (plain_a ? p.a.rows : p.a.cols) == p.d.rows && (plain_b ? p.b.cols : p.b.rows) == p.d.cols &&
         (plain_b ? p.b.rows : p.b.cols) == p.k() && p.c.rows == p.d.rows && p.c.cols == p.d.cols;
}

/// fp8 runs on tensor cores alone: from 8.9 on, "TN" only, every column a multiple of 16 bytes.
bool fits_f8_units(const LtProblem& p) {
  const HostTarget& gpu = host_target();
  if (10 * gpu.major + gpu.minor < 89 || p.op.op_a != CUBLAS_OP_T || p.op.op_b != CUBLAS_OP_N) return false;
  return std::ranges::all_of(std::array{&p.a, &p.b, &p.c, &p.d}, [](const LtLayout* layout) {
    return layout->rows * bytes_of(layout->type) % 16 == 0 && layout->ld * bytes_of(layout->type) % 16 == 0;
  });
}

float load(cudaDataType_t type, const void* from, std::int64_t i) {
  switch (type) {
    case CUDA_R_16F: return __half2float(static_cast<const __half*>(from)[i]);
    case CUDA_R_16BF: return __bfloat162float(static_cast<const __nv_bfloat16*>(from)[i]);
    case CUDA_R_8F_E4M3: return static_cast<float>(static_cast<const __nv_fp8_e4m3*>(from)[i]);
    default: return static_cast<const float*>(from)[i];
  }
}

void store(cudaDataType_t type, void* to, std::int64_t i, float value) {
  switch (type) {
    case CUDA_R_16F: static_cast<__half*>(to)[i] = __float2half_rn(value); break;
    case CUDA_R_16BF: static_cast<__nv_bfloat16*>(to)[i] = __float2bfloat16_rn(value); break;
    default: static_cast<float*>(to)[i] = value; break;
  }
}

using Lanes = float __attribute__((vector_size(64)));
constexpr std::int64_t kLanes = sizeof(Lanes) / sizeof(float);

/// `count` rows of k neighbouring floats, k padded with zeros.
std::vector<Lanes> rows_of(const LtLayout& layout, const void* data, bool k_first, bool tf32,
                           std::int64_t count, std::int64_t k) {
  const std::int64_t lanes = (k + kLanes - 1) / kLanes;
  std::vector<Lanes> rows(static_cast<std::size_t>(count * lanes), Lanes{});
  auto* to = reinterpret_cast<float*>(rows.data());
  for (std::int64_t r = 0; r < count; ++r)
    for (std::int64_t i = 0; i < k; ++i) {
      const float value = load(layout.type, data, k_first ? i + r * layout.ld : r + i * layout.ld);
      // tf32: tensor cores drop the last 13 bits.
      to[r * lanes * kLanes + i] =
          tf32 ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & ~0x1fffu) : value;
    }
  return rows;
}

// The sanitizers saw the operands being read; here they would only cost time.
__attribute__((no_sanitize("address", "thread"))) float dot(const Lanes* a, const Lanes* b,
                                                            std::int64_t lanes) {
  Lanes sums = {};
  for (std::int64_t l = 0; l < lanes; ++l) sums += a[l] * b[l];
  float sum = 0;
  for (std::int64_t i = 0; i < kLanes; ++i) sum += sums[i];
  return sum;
}

float activated(cublasLtEpilogue_t epilogue, float x) {
  if (epilogue == CUBLASLT_EPILOGUE_RELU || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS)
    return std::fmax(x, 0.0f);
  if (epilogue == CUBLASLT_EPILOGUE_GELU || epilogue == CUBLASLT_EPILOGUE_GELU_BIAS)
    return 0.5f * x * (1 + std::tanh(0.7978845608f * (x + 0.044715f * x * x * x)));
  return x;
}

}  // namespace

std::int64_t bytes_of(cudaDataType_t type) {
  return type == CUDA_R_32F ? 4 : type == CUDA_R_8F_E4M3 ? 1 : 2;
}

cublasStatus_t check_problem(const LtProblem& p) {
  if (!shapes_fit(p)) return CUBLAS_STATUS_INVALID_VALUE;
  const auto types = std::ranges::find_if(kTypes, [&](const Types& row) {
    return p.op.compute == row.compute && p.a.type == row.in && p.b.type == row.in && p.c.type == row.out &&
           p.d.type == row.out;
  });
  if (types == std::end(kTypes) || p.op.scale_type != CUDA_R_32F) return CUBLAS_STATUS_NOT_SUPPORTED;
  const bool f8 = types->in == CUDA_R_8F_E4M3;
  if (f8 && !fits_f8_units(p)) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (!f8 && (p.op.scale_a != nullptr || p.op.scale_b != nullptr)) return CUBLAS_STATUS_INVALID_VALUE;
  if (p.has_bias()) {
    if (p.op.bias == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
    return p.bias_type() == types->bias ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const auto plain = {CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_RELU, CUBLASLT_EPILOGUE_GELU};
  return std::ranges::find(plain, p.op.epilogue) != plain.end() ? CUBLAS_STATUS_SUCCESS
                                                                : CUBLAS_STATUS_NOT_SUPPORTED;
}

void compute_product(const LtProblem& p) {
  const std::int64_t m = p.d.rows, n = p.d.cols, k = p.k(), lanes = (k + kLanes - 1) / kLanes;
  const bool tf32 = p.op.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const auto a = rows_of(p.a, p.a_data, p.op.op_a == CUBLAS_OP_T, tf32, m, k);
  const auto b = rows_of(p.b, p.b_data, p.op.op_b == CUBLAS_OP_N, tf32, n, k);
  const auto finish = [&](std::int64_t i, std::int64_t j, float value) {
    value *= p.alpha;
    for (const float* scale : {p.op.scale_a, p.op.scale_b}) value *= scale == nullptr ? 1 : *scale;
    if (p.beta != 0) value += p.beta * load(p.c.type, p.c_data, i + j * p.c.ld);
    if (p.has_bias()) value += load(p.bias_type(), p.op.bias, i);
    store(p.d.type, p.d_data, i + j * p.d.ld, activated(p.op.epilogue, value));
  };
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < m; ++i) {
      const float sum = dot(a.data() + i * lanes, b.data() + j * lanes, lanes);
      if (p.sums == nullptr)
        finish(i, j, sum);
      else
        p.sums[i + j * m] = sum;
    }
  for (std::int64_t at = 0; p.sums != nullptr && at < m * n; ++at) finish(at % m, at / m, p.sums[at]);
}

}  // namespace assay
