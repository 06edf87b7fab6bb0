// SPDX-License-Identifier: Apache-2.0
// The cuBLASLt functions that the backend calls, for the host: they reject what the library documents to
// reject, with its status, and then compute in work enqueued on the stream.
//
// Stricter than the library where that is undefined: an algorithm found for another problem is
// CUBLAS_STATUS_INVALID_VALUE, memory that is not the device's is a fault. What the backend does not use is
// CUBLAS_STATUS_NOT_SUPPORTED.
#include "cublaslt_host.h"

#include <bit>
#include <cstring>

#include "host_runtime.h"

namespace {

using namespace assay;
using namespace assay::host;

constexpr auto kOk = CUBLAS_STATUS_SUCCESS, kInvalid = CUBLAS_STATUS_INVALID_VALUE,
               kUnsupported = CUBLAS_STATUS_NOT_SUPPORTED;
constexpr std::uint32_t kAlignment = 256;  // of A, B, C, D: the default that the heuristics are promised

/// What cublasLtMatmulAlgo_t holds: for what it was found, and what it was promised.
struct Algorithm {
  std::uint64_t problem, workspace_bytes, bias_alignment, unused[5];
};
static_assert(sizeof(Algorithm) == sizeof(cublasLtMatmulAlgo_t));

std::uint64_t fingerprint(const LtCall& p) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a, a word at a time
  for (const std::int64_t value :
       {p.a.rows, p.a.cols, p.b.cols, std::int64_t{p.a.type}, std::int64_t{p.d.type},
        std::int64_t{p.op.compute}, std::int64_t{p.op.epilogue}, std::int64_t{p.op.fast_accumulation}})
    hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x100000001b3u;
  return hash;
}

bool aligned(const void* pointer, std::uint64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(pointer) % bytes == 0;
}

void require_memory(const LtCall& p) {
  const auto require = [](const void* data, cudaDataType_t type, std::int64_t elements, const char* what) {
    host_require_device(data, static_cast<std::size_t>(elements * bytes_of(type)), 1,
                        std::string("cublasLtMatmul: ") + what);
  };
  require(p.a_data, p.a.type, p.a.elements(), "A");
  require(p.b_data, p.b.type, p.b.elements(), "B");
  require(p.d_data, p.d.type, p.d.elements(), "D");
  if (p.beta != 0) require(p.c_data, p.c.type, p.c.elements(), "C");
  if (p.op.has_bias()) require(p.op.bias, p.bias_type(), p.d.rows, "bias");
  for (const float* scale : {p.op.scale_a, p.op.scale_b})
    if (scale != nullptr) require(scale, CUDA_R_32F, 1, "scale");
}

// Handles are what they seem: AddressSanitizer sees one that is used after it was destroyed.
template <typename T, typename Handle>
cublasStatus_t create(Handle* handle, const T& object) {
  if (handle == nullptr) return kInvalid;
  *handle = new T(object);
  return kOk;
}
template <typename T>
cublasStatus_t destroy(void* object) {
  delete static_cast<T*>(object);
  return kOk;
}
template <typename T>
cublasStatus_t assign(T& to, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != sizeof(T)) return kInvalid;
  std::memcpy(&to, from, bytes);
  return kOk;
}

/// Copies the descriptors and checks what needs no pointers.
cublasStatus_t gather(cublasLtHandle_t handle, cublasLtMatmulDesc_t op, const void* a, const void* b,
                      const void* c, const void* d, LtCall& call) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  for (const void* object : {static_cast<const void*>(op), a, b, c, d})
    if (object == nullptr) return kInvalid;
  call.op = *static_cast<LtOperation*>(op);
  const auto layout = [](const void* from) { return *static_cast<const LtLayout*>(from); };
  call.a = layout(a), call.b = layout(b), call.c = layout(c), call.d = layout(d);
  return check(call);
}

}  // namespace

extern "C" {

const char* cublasLtGetStatusName(cublasStatus_t status) {
  return status == kInvalid ? "CUBLAS_STATUS_INVALID_VALUE" : "another status";
}
const char* cublasLtGetStatusString(cublasStatus_t status) {
  return cublasLtGetStatusName(status);
}

std::size_t cublasLtGetVersion() {
  return CUBLAS_VERSION;
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
  auto* const op = static_cast<LtOperation*>(operation);
  if (op == nullptr) return kInvalid;
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return assign(op->op_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return assign(op->op_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return assign(op->epilogue, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return assign(op->bias, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE: return assign(op->bias_type, from, bytes);
    case CUBLASLT_MATMUL_DESC_A_SCALE_POINTER: return assign(op->scale_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_B_SCALE_POINTER: return assign(op->scale_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_FAST_ACCUM: return assign(op->fast_accumulation, from, bytes);
    default: return kUnsupported;
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
  if (attribute != CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) return kUnsupported;
  return assign(static_cast<LtPreference*>(preference)->workspace_bytes, from, bytes);
}

// Two ways: one keeps its sums to itself, the other puts them into the workspace, if that is large enough.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int requested,
                                              cublasLtMatmulHeuristicResult_t* results, int* count) {
  const auto* const wishes = static_cast<const LtPreference*>(preference);
  LtCall p{};
  if (const auto status = gather(handle, operation, a, b, c, d, p); status != kOk) return status;
  if (wishes == nullptr || requested <= 0 || results == nullptr || count == nullptr) return kInvalid;
  *count = 0;
  // "Routines that don't dereference the bias depend on its value to determine expected alignment."
  const std::uint64_t bias_alignment = std::uint64_t{1}
                                       << std::countr_zero(reinterpret_cast<std::uintptr_t>(p.op.bias) | 16);
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, static_cast<std::uint64_t>(p.d.elements()) * sizeof(float)})
    if (bytes <= wishes->workspace_bytes && *count < requested) {
      const Algorithm found{fingerprint(p), bytes, bias_alignment, {}};
      results[(*count)++] = {std::bit_cast<cublasLtMatmulAlgo_t>(found), bytes, kOk, 1, {}};
    }
  return kOk;
}

// Of which way it is, and that this version has not what newer ones have.
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algo,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute, void* to,
                                                    size_t bytes, size_t* written) {
  if (attribute >= CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID) return kUnsupported;
  const bool through_workspace = std::bit_cast<Algorithm>(*algo).workspace_bytes > 0;
  const std::uint32_t value = attribute == CUBLASLT_ALGO_CONFIG_ID && through_workspace ? 1 : 0;
  if (bytes != sizeof value) return kInvalid;
  std::memcpy(to, &value, *written = bytes);
  return kOk;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t c_layout, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algo, void* workspace, size_t workspace_bytes,
                              cudaStream_t stream) {
  LtCall p{};
  if (const auto status = gather(handle, operation, a_layout, b_layout, c_layout, d_layout, p); status != kOk)
    return status;
  for (const void* pointer : {alpha, a, b, beta, static_cast<const void*>(d)})
    if (pointer == nullptr) return kInvalid;
  if (*static_cast<const float*>(alpha) != 1 || algo == nullptr) return kUnsupported;
  p.beta = *static_cast<const float*>(beta);
  p.a_data = a, p.b_data = b, p.c_data = c, p.d_data = d;

  const auto way = std::bit_cast<Algorithm>(*algo);
  constexpr std::uint32_t kWorkspaceAlignment = 16;
  for (const void* pointer : {a, b, c, static_cast<const void*>(d)})
    if (!aligned(pointer, kAlignment)) return kInvalid;
  if (way.problem != fingerprint(p) || !aligned(p.op.bias, way.bias_alignment) ||
      workspace_bytes < way.workspace_bytes || !aligned(workspace, kWorkspaceAlignment))
    return kInvalid;
  if (way.workspace_bytes > 0) p.sums = static_cast<float*>(workspace);
  if (workspace_bytes > 0) host_require_device(workspace, workspace_bytes, 1, "cublasLtMatmul: workspace");
  require_memory(p);
  host_enqueue(
      stream, [p] { compute(p); }, p.sums == nullptr ? "cublasLtMatmul" : "cublasLtMatmul, by its workspace");
  return kOk;
}

}  // extern "C"
