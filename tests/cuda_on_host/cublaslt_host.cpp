// SPDX-License-Identifier: Apache-2.0
// The cuBLASLt functions that the backend calls, for the host: they reject what the library documents to
// reject, with its status, and then compute in work enqueued on the stream.
//
// Stricter than the library where that is undefined: a destroyed descriptor and an algorithm found for
// another problem are CUBLAS_STATUS_INVALID_VALUE, memory that is not the device's is a fault. Attributes,
// epilogues and types that the backend does not use are CUBLAS_STATUS_NOT_SUPPORTED.
#include <algorithm>
#include <bit>
#include <cstring>

#include "cublaslt_host.h"
#include "host_runtime.h"

namespace {

using namespace assay;

/// What cublasLtMatmulAlgo_t holds: for what it was found, and what it was promised.
struct Algorithm {
  std::uint64_t problem, workspace_bytes;
  std::uint32_t alignment[4], bias_alignment;  // of A, B, C, D
  std::uint32_t unused[7];
};
static_assert(sizeof(Algorithm) == sizeof(cublasLtMatmulAlgo_t));

std::uint64_t fingerprint(const LtProblem& p) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a, a word at a time
  const auto add = [&](std::int64_t value) {
    hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x100000001b3u;
  };
  for (const LtLayout* l : {&p.a, &p.b, &p.c, &p.d})
    for (const std::int64_t value : {std::int64_t{l->type}, l->rows, l->cols, l->ld}) add(value);
  for (const int value : {int{p.op.compute}, int{p.op.op_a}, int{p.op.op_b}, int{p.op.epilogue}}) add(value);
  add(p.op.fast_accumulation);
  return hash;
}

bool aligned(const void* pointer, std::uint32_t bytes) {
  return reinterpret_cast<std::uintptr_t>(pointer) % bytes == 0;
}

Algorithm found_for(const LtProblem& p, const LtPreference& preference, std::uint64_t workspace_bytes) {
  // "Routines that don't dereference the bias depend on its value to determine expected alignment."
  const auto bias_bits = reinterpret_cast<std::uintptr_t>(p.op.bias) | 16;
  Algorithm algorithm{fingerprint(p), workspace_bytes, {}, 1u << std::countr_zero(bias_bits), {}};
  std::ranges::copy(preference.alignment, algorithm.alignment);
  return algorithm;
}

void require_memory(const LtProblem& p) {
  const auto require = [](const void* data, const LtLayout& layout, const char* what) {
    const std::int64_t elements = (layout.cols - 1) * layout.ld + layout.rows;
    host_require_device(data, static_cast<std::size_t>(elements * bytes_of(layout.type)), 1,
                        std::string("cublasLtMatmul: ") + what);
  };
  require(p.a_data, p.a, "A");
  require(p.b_data, p.b, "B");
  require(p.d_data, p.d, "D");
  if (p.beta != 0) require(p.c_data, p.c, "C");
  if (p.has_bias()) require(p.op.bias, {{}, p.bias_type(), p.d.rows, 1, p.d.rows}, "bias");
  for (const float* scale : {p.op.scale_a, p.op.scale_b})
    if (scale != nullptr) require(scale, {{}, CUDA_R_32F, 1, 1, 1}, "scale");
}

template <typename T, typename Handle>
cublasStatus_t create(Handle* handle, const T& object) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  auto owned = std::make_unique<T>(object);
  *handle = owned.get();
  living<T>().emplace(owned.get(), std::move(owned));
  return CUBLAS_STATUS_SUCCESS;
}

template <typename T>
cublasStatus_t destroy(const void* object) {
  return living<T>().erase(object) == 1 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

template <typename T>
T* find(const void* object) {  // null: never created, or destroyed
  const auto found = living<T>().find(object);
  return found == living<T>().end() ? nullptr : found->second.get();
}

template <typename T>
cublasStatus_t assign(T& to, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != sizeof(T)) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

/// Copies the descriptors and checks what needs no pointers.
cublasStatus_t gather(cublasLtHandle_t handle, const void* op, const void* a, const void* b, const void* c,
                      const void* d, LtProblem& problem) {
  if (find<cublasLtContext>(handle) == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  const auto copy = [](auto& to, const auto* from) {
    if (from != nullptr) to = *from;
    return from != nullptr;
  };
  const bool all = copy(problem.op, find<LtOperation>(op)) && copy(problem.a, find<LtLayout>(a)) &&
                   copy(problem.b, find<LtLayout>(b)) && copy(problem.c, find<LtLayout>(c)) &&
                   copy(problem.d, find<LtLayout>(d));
  return all ? check_problem(problem) : CUBLAS_STATUS_INVALID_VALUE;
}

}  // namespace

extern "C" {

const char* cublasLtGetStatusName(cublasStatus_t status) {
  return status == CUBLAS_STATUS_NOT_INITIALIZED ? "CUBLAS_STATUS_NOT_INITIALIZED"
         : status == CUBLAS_STATUS_INVALID_VALUE ? "CUBLAS_STATUS_INVALID_VALUE"
         : status == CUBLAS_STATUS_NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED"
                                                 : "CUBLAS_STATUS_SUCCESS";
}
const char* cublasLtGetStatusString(cublasStatus_t status) {
  return cublasLtGetStatusName(status);
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  return create(handle, cublasLtContext{});
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  return destroy<cublasLtContext>(handle);
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type, uint64_t rows,
                                          uint64_t cols, int64_t ld) {
  return create(layout,
                LtLayout{{}, type, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(cols), ld});
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return destroy<LtLayout>(layout);
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* operation, cublasComputeType_t compute,
                                        cudaDataType_t scale_type) {
  return create(operation, LtOperation{{}, compute, scale_type});
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  return destroy<LtOperation>(operation);
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                              cublasLtMatmulDescAttributes_t attribute, const void* from,
                                              size_t bytes) {
  LtOperation* op = find<LtOperation>(operation);
  if (op == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return assign(op->op_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return assign(op->op_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return assign(op->epilogue, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return assign(op->bias, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE: return assign(op->bias_type, from, bytes);
    case CUBLASLT_MATMUL_DESC_A_SCALE_POINTER: return assign(op->scale_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_B_SCALE_POINTER: return assign(op->scale_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_FAST_ACCUM: return assign(op->fast_accumulation, from, bytes);
    default: return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return create(preference, LtPreference{});
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return destroy<LtPreference>(preference);
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* from, size_t bytes) {
  LtPreference* p = find<LtPreference>(preference);
  if (p == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) return assign(p->workspace_bytes, from, bytes);
  return CUBLAS_STATUS_NOT_SUPPORTED;
}

// Two ways: one keeps its sums to itself, the other puts them into the workspace, if that is large enough.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int requested,
                                              cublasLtMatmulHeuristicResult_t* results, int* count) {
  const LtPreference* wishes = find<LtPreference>(preference);
  LtProblem problem{};
  if (const auto status = gather(handle, operation, a, b, c, d, problem); status != CUBLAS_STATUS_SUCCESS)
    return status;
  if (wishes == nullptr || requested <= 0 || results == nullptr || count == nullptr)
    return CUBLAS_STATUS_INVALID_VALUE;
  *count = 0;
  const auto sum_bytes = static_cast<std::uint64_t>(problem.d.rows * problem.d.cols) * sizeof(float);
  for (const std::uint64_t bytes : {std::uint64_t{0}, sum_bytes})
    if (bytes <= wishes->workspace_bytes && *count < requested)
      results[(*count)++] = {std::bit_cast<cublasLtMatmulAlgo_t>(found_for(problem, *wishes, bytes)),
                             bytes,
                             CUBLAS_STATUS_SUCCESS,
                             1,
                             {}};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t c_layout, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algo, void* workspace, size_t workspace_bytes,
                              cudaStream_t stream) {
  LtProblem p{};
  if (const auto status = gather(handle, operation, a_layout, b_layout, c_layout, d_layout, p);
      status != CUBLAS_STATUS_SUCCESS)
    return status;
  if (alpha == nullptr || beta == nullptr || a == nullptr || b == nullptr || d == nullptr)
    return CUBLAS_STATUS_INVALID_VALUE;
  p.alpha = *static_cast<const float*>(alpha);
  p.beta = *static_cast<const float*>(beta);
  p.a_data = a, p.b_data = b, p.c_data = c, p.d_data = d;
  if (p.beta != 0 && (c == nullptr || (c == d && p.c.ld != p.d.ld))) return CUBLAS_STATUS_INVALID_VALUE;

  const auto way = algo == nullptr ? found_for(p, LtPreference{}, 0) : std::bit_cast<Algorithm>(*algo);
  constexpr std::uint32_t kWorkspaceAlignment = 16;
  if (way.problem != fingerprint(p) || !aligned(a, way.alignment[0]) || !aligned(b, way.alignment[1]) ||
      !aligned(c, way.alignment[2]) || !aligned(d, way.alignment[3]) ||
      !aligned(p.op.bias, way.bias_alignment))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (workspace_bytes < way.workspace_bytes || !aligned(workspace, kWorkspaceAlignment))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (way.workspace_bytes > 0) p.sums = static_cast<float*>(workspace);
  if (workspace_bytes > 0) host_require_device(workspace, workspace_bytes, 1, "cublasLtMatmul: workspace");
  require_memory(p);
  host_enqueue(
      stream, [p] { compute_product(p); }, "cublasLtMatmul");
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
