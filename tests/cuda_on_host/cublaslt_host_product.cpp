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

namespace assay::host {
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

/// fp8 runs on tensor cores alone: from 8.9 on, every column a multiple of 16 bytes.
bool fits_f8_units(const LtCall& p) {
  const HostTarget& gpu = host_target();
  return 10 * gpu.major + gpu.minor >= 89 && p.a.rows % 16 == 0 && p.d.rows * bytes_of(p.d.type) % 16 == 0;
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

/// The columns of a matrix as floats, padded with zeros.
std::vector<Lanes> columns_of(const LtLayout& layout, const void* data, bool tf32) {
  const std::int64_t lanes = (layout.rows + kLanes - 1) / kLanes;
  std::vector<Lanes> columns(static_cast<std::size_t>(layout.cols * lanes), Lanes{});
  auto* to = reinterpret_cast<float*>(columns.data());
  for (std::int64_t c = 0; c < layout.cols; ++c)
    for (std::int64_t i = 0; i < layout.rows; ++i) {
      const float value = load(layout.type, data, i + c * layout.rows);
      // tf32: tensor cores drop the last 13 bits.
      to[c * lanes * kLanes + i] =
          tf32 ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & ~0x1fffu) : value;
    }
  return columns;
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

cublasStatus_t check(const LtCall& p) {
  for (const LtLayout* layout : {&p.a, &p.b, &p.c, &p.d}) {
    if (layout->rows < 1 || layout->cols < 1 || layout->ld < layout->rows) return CUBLAS_STATUS_INVALID_VALUE;
    if (layout->ld != layout->rows) return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  if (p.op.op_a != CUBLAS_OP_T || p.op.op_b != CUBLAS_OP_N) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (p.a.cols != p.d.rows || p.b.cols != p.d.cols || p.b.rows != p.a.rows || p.c.rows != p.d.rows ||
      p.c.cols != p.d.cols)
    return CUBLAS_STATUS_INVALID_VALUE;
  const auto types = std::ranges::find_if(kTypes, [&](const Types& row) {
    return p.op.compute == row.compute && p.a.type == row.in && p.b.type == row.in && p.c.type == row.out &&
           p.d.type == row.out;
  });
  if (types == std::end(kTypes) || p.op.scale_type != CUDA_R_32F) return CUBLAS_STATUS_NOT_SUPPORTED;
  const bool f8 = types->in == CUDA_R_8F_E4M3;
  if (f8 && !fits_f8_units(p)) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (!f8 && (p.op.scale_a != nullptr || p.op.scale_b != nullptr)) return CUBLAS_STATUS_INVALID_VALUE;
  if (p.op.has_bias()) {
    if (p.op.bias == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
    return p.bias_type() == types->bias ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const auto plain = {CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_RELU, CUBLASLT_EPILOGUE_GELU};
  return std::ranges::find(plain, p.op.epilogue) != plain.end() ? CUBLAS_STATUS_SUCCESS
                                                                : CUBLAS_STATUS_NOT_SUPPORTED;
}

void compute(const LtCall& p) {
  const std::int64_t m = p.d.rows, n = p.d.cols, lanes = (p.a.rows + kLanes - 1) / kLanes;
  const bool tf32 = p.op.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const auto a = columns_of(p.a, p.a_data, tf32), b = columns_of(p.b, p.b_data, tf32);
  const auto finish = [&](std::int64_t at, float value) {
    for (const float* scale : {p.op.scale_a, p.op.scale_b}) value *= scale == nullptr ? 1 : *scale;
    if (p.beta != 0) value += p.beta * load(p.c.type, p.c_data, at);
    if (p.op.has_bias()) value += load(p.bias_type(), p.op.bias, at % m);
    store(p.d.type, p.d_data, at, activated(p.op.epilogue, value));
  };
  for (std::int64_t at = 0; at < m * n; ++at) {
    const float sum = dot(a.data() + at % m * lanes, b.data() + at / m * lanes, lanes);
    p.sums == nullptr ? finish(at, sum) : static_cast<void>(p.sums[at] = sum);
  }
  for (std::int64_t at = 0; p.sums != nullptr && at < m * n; ++at) finish(at, p.sums[at]);
}

}  // namespace assay::host
