// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/lt_matmul.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace assay {
namespace {

cudaDataType_t data_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::tf32: return CUDA_R_32F;
    case DType::f16: return CUDA_R_16F;
    case DType::bf16: return CUDA_R_16BF;
    case DType::f8e4m3: return CUDA_R_8F_E4M3;
    case DType::i32:
    case DType::u8:
    case DType::i8: break;
  }
  throw Unsupported("cublaslt has no " + std::string(name(dtype)));
}

// f32 stays f32 from end to end: the tf32 path is taken only where tf32 was asked for.
cublasComputeType_t compute_type(DType dtype) {
  return dtype == DType::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

template <typename T>
void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const T& value) {
  ASSAY_CUBLAS(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value));
}

void make_layout(cublasLtMatrixLayout_t* layout, DType dtype, std::int64_t rows, std::int64_t columns) {
  ASSAY_CUBLAS(cublasLtMatrixLayoutCreate(layout, data_type(dtype), static_cast<std::uint64_t>(rows),
                                          static_cast<std::uint64_t>(columns), rows));
}

bool has_bias(cublasLtEpilogue_t epilogue) {
  return epilogue == CUBLASLT_EPILOGUE_BIAS || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS ||
         epilogue == CUBLASLT_EPILOGUE_GELU_BIAS;
}

struct Setting {
  cublasLtMatmulAlgoConfigAttributes_t attribute;
  const char* name;
  std::size_t bytes;
};
// All that tells two algorithms apart: cublasLtMatmulAlgoConfigAttributes_t in cublasLt.h, with their sizes.
constexpr Setting kSettings[] = {{CUBLASLT_ALGO_CONFIG_ID, "algo", 4},
                                 {CUBLASLT_ALGO_CONFIG_TILE_ID, "tile", 4},
                                 {CUBLASLT_ALGO_CONFIG_STAGES_ID, "stages", 4},
                                 {CUBLASLT_ALGO_CONFIG_SPLITK_NUM, "split", 4},
                                 {CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, "reduction", 4},
                                 {CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, "swizzle", 4},
                                 {CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION, "custom", 4},
                                 {CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, "inner", 2},
                                 {CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, "cluster", 2}};

std::string name_of(const cublasLtMatmulAlgo_t& algorithm) {
  std::string text;
  for (const Setting& setting : kSettings) {
    std::uint32_t value = 0;  // little-endian: a setting of two bytes fills the lower half
    std::size_t written = 0;
    // One that this library's version does not have is none of the algorithm's.
    if (cublasLtMatmulAlgoConfigGetAttribute(&algorithm, setting.attribute, &value, setting.bytes,
                                             &written) != CUBLAS_STATUS_SUCCESS)
      continue;
    text += (text.empty() ? "" : " ") + std::string(setting.name) + " " + std::to_string(value);
  }
  return text;
}

}  // namespace

LtMatmul::LtMatmul(const LtContext& context, const LtProblem& problem)
    : context_(context), problem_(problem) {
  const bool f8 = problem.type == DType::f8e4m3;
  constexpr std::int64_t kF8Multiple = 16;  // the library's rule: every leading dimension of an fp8 matmul
  if (f8 && (problem.k % kF8Multiple != 0 || problem.n % kF8Multiple != 0))
    throw Unsupported("cublaslt wants k and n in multiples of 16 for fp8, not k=" +
                      std::to_string(problem.k) + " n=" + std::to_string(problem.n));
  make_layout(w_.out(), problem.type, problem.k, problem.n);
  make_layout(x_.out(), problem.type, problem.k, problem.m);
  make_layout(y_.out(), problem.out, problem.n, problem.m);
  ASSAY_CUBLAS(cublasLtMatmulDescCreate(operation_.out(), compute_type(problem.type), CUDA_R_32F));
  set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
  set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
  set(operation_.get(), CUBLASLT_MATMUL_DESC_EPILOGUE, problem.epilogue);
  if (has_bias(problem.epilogue))
    set(operation_.get(), CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, data_type(problem.out));
  if (f8) set(operation_.get(), CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{problem.fast_accumulation});
  // The heuristics want to see bias and scale pointers; any aligned device address does.
  const void* somewhere = context.workspace().data;
  set_pointers({.x = somewhere,
                .w = somewhere,
                .y = nullptr,
                .bias = somewhere,
                .residual = somewhere,
                .scale_x = somewhere,
                .scale_w = somewhere});
  find_algorithms();
}

void LtMatmul::set_pointers(const LtPointers& pointers) {
  if (has_bias(problem_.epilogue)) set(operation_.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointers.bias);
  if (problem_.type != DType::f8e4m3) return;
  set(operation_.get(), CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, pointers.scale_w);
  set(operation_.get(), CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, pointers.scale_x);
}

void LtMatmul::find_algorithms() {
  CudaHandle<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy> preference;
  ASSAY_CUBLAS(cublasLtMatmulPreferenceCreate(preference.out()));
  const auto most = static_cast<std::size_t>(context_.workspace().bytes);
  ASSAY_CUBLAS(cublasLtMatmulPreferenceSetAttribute(
      preference.get(), CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most));
  std::array<cublasLtMatmulHeuristicResult_t, kMostAlgorithms> found{};
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(context_.handle(), operation_.get(), w_.get(), x_.get(), y_.get(),
                                     y_.get(), preference.get(), kMostAlgorithms, found.data(), &count);
  if (status != CUBLAS_STATUS_SUCCESS && status != CUBLAS_STATUS_NOT_SUPPORTED &&
      status != CUBLAS_STATUS_INVALID_VALUE)
    throw_cublas_error(status, "cublasLtMatmulAlgoGetHeuristic", __FILE__, __LINE__);
  std::vector<std::string> plain;
  for (int i = 0; i < count; ++i) {
    const auto& [algorithm, workspace, state, waves, unused] = found[static_cast<std::size_t>(i)];
    if (state != CUBLAS_STATUS_SUCCESS) continue;
    algorithms_.push_back(algorithm);
    plain.push_back(name_of(algorithm));
    // What the library does not tell apart is told apart by its order.
    const auto alike = std::ranges::count(plain, plain.back());
    names_.push_back(plain.back() + (alike > 1 ? " number " + std::to_string(alike) : ""));
  }
  if (algorithms_.empty())
    throw Unsupported("cublaslt has no algorithm for " + std::string(name(problem_.type)) + " into " +
                      std::string(name(problem_.out)) + " at m=" + std::to_string(problem_.m) +
                      " n=" + std::to_string(problem_.n) + " k=" + std::to_string(problem_.k));
}

void LtMatmul::run(std::size_t algorithm, const LtPointers& pointers, const Stream& stream) {
  set_pointers(pointers);
  const float alpha = 1, beta = problem_.residual ? 1 : 0;
  const void* c = problem_.residual ? pointers.residual : pointers.y;
  ASSAY_CUBLAS(cublasLtMatmul(context_.handle(), operation_.get(), &alpha, pointers.w, w_.get(), pointers.x,
                              x_.get(), &beta, c, y_.get(), pointers.y, y_.get(), &algorithms_.at(algorithm),
                              context_.workspace().data, static_cast<std::size_t>(context_.workspace().bytes),
                              static_cast<cudaStream_t>(stream.handle)));
}

}  // namespace assay
