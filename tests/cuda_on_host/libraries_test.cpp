// SPDX-License-Identifier: Apache-2.0
// The stand-ins of cuBLASLt and cuDNN: they compute what the libraries compute, and every rule that they
// check is broken here once.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <cublasLt.h>
#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "cuda_host.h"
#include "cudnn_frontend.h"
#include "device/cuda/launch.cuh"

namespace assay::libraries_tests {
namespace {

class OnHost : public testing::Test {
 protected:
  ~OnHost() override { host_.lane->synchronize(); }
  Device& device() { return *host_.open.device; }
  Lane& lane() { return *host_.lane; }
  cudaStream_t stream() { return cuda_stream(lane().stream()); }
  template <typename T>
  std::byte* holding(const std::vector<T>& values) {
    memory_.push_back(device().allocate(static_cast<std::int64_t>(values.size() * sizeof(T))));
    const Buffer buffer = memory_.back()->buffer();
    lane().write(buffer, values.data(), buffer.bytes);
    return static_cast<std::byte*>(buffer.data);
  }
  template <typename T>
  std::vector<T> read(void* from, std::size_t count) {
    std::vector<T> values(count);
    const auto bytes = static_cast<std::int64_t>(count * sizeof(T));
    lane().read(values.data(), {from, bytes}, bytes);
    return values;
  }

  CudaHost host_;
  std::vector<std::unique_ptr<Memory>> memory_;
};

/// One cublasLtMatmul() with everything it needs. Tests change a field and see what comes back.
struct Call {
  std::uint64_t m = 16, n = 32, k = 48, k_of_b = k;  // D [m, n], column-major
  cudaDataType_t in = CUDA_R_32F, out = CUDA_R_32F, of_c = out, of_scale = CUDA_R_32F;
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cublasOperation_t op_a = CUBLAS_OP_T;
  std::int64_t more_ld = 0;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
  std::int32_t bias_type = -1;
  const void *scale_a = nullptr, *scale_b = nullptr;
  float beta = 0;
  const void *a = nullptr, *b = nullptr, *c = nullptr;
  void* d = nullptr;
  std::uint64_t most_workspace = 0;
  void* workspace = nullptr;
  std::size_t workspace_bytes = 0;
  int way = 0;
  std::function<void(cublasLtMatmulDesc_t&, cublasLtMatrixLayout_t&, cublasLtHandle_t&)> before_run = {};

  /// The heuristics' status where they find nothing, else the matmul's.
  cublasStatus_t run(cudaStream_t stream) const {
    cublasLtHandle_t handle = nullptr;
    cublasLtMatmulDesc_t op = nullptr;
    cublasLtMatrixLayout_t la = nullptr, lb = nullptr, lc = nullptr, ld = nullptr;
    cublasLtMatmulPreference_t wishes = nullptr;
    cublasLtCreate(&handle);
    cublasLtMatrixLayoutCreate(&la, in, k, m, static_cast<std::int64_t>(k) + more_ld);
    cublasLtMatrixLayoutCreate(&lb, in, k_of_b, n, static_cast<std::int64_t>(k_of_b));
    cublasLtMatrixLayoutCreate(&lc, of_c, m, n, static_cast<std::int64_t>(m));
    cublasLtMatrixLayoutCreate(&ld, out, m, n, static_cast<std::int64_t>(m));
    cublasLtMatmulDescCreate(&op, compute, of_scale);
    const auto set = [&](cublasLtMatmulDescAttributes_t attribute, const auto& value) {
      EXPECT_EQ(cublasLtMatmulDescSetAttribute(op, attribute, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
    };
    set(CUBLASLT_MATMUL_DESC_TRANSA, op_a);
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, bias_type);
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, scale_a);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, scale_b);
    cublasLtMatmulPreferenceCreate(&wishes);
    cublasLtMatmulPreferenceSetAttribute(wishes, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most_workspace,
                                         sizeof most_workspace);
    cublasLtMatmulHeuristicResult_t found[4];
    int count = 0;
    auto status = cublasLtMatmulAlgoGetHeuristic(handle, op, la, lb, lc, ld, wishes, 4, found, &count);
    if (status == CUBLAS_STATUS_SUCCESS) {
      EXPECT_GT(count, way);
      if (before_run) before_run(op, la, handle);
      const float alpha = 1;
      status = cublasLtMatmul(handle, op, &alpha, a, la, b, lb, &beta, c == nullptr ? d : c, lc, d, ld,
                              &found[way].algo, workspace, workspace_bytes, stream);
    }
    cublasLtMatmulPreferenceDestroy(wishes);
    for (const auto made : {la, lb, lc, ld}) cublasLtMatrixLayoutDestroy(made);
    cublasLtMatmulDescDestroy(op);
    cublasLtDestroy(handle);
    return status;
  }
};

constexpr auto kOk = CUBLAS_STATUS_SUCCESS, kInvalid = CUBLAS_STATUS_INVALID_VALUE,
               kUnsupported = CUBLAS_STATUS_NOT_SUPPORTED;

class CublasLtOnHost : public OnHost {
 protected:
  static constexpr std::size_t kBytes = 64 * 64 * sizeof(float);
  using Change = std::function<void(Call&)>;
  /// What comes back when `change` is made to a call that is otherwise right.
  cublasStatus_t with(const Change& change) {
    Call call{.a = a_, .b = b_, .d = d_, .workspace = work_, .workspace_bytes = kBytes};
    change(call);
    return call.run(stream());
  }
  cublasStatus_t f8_with(const Change& change) {
    return with([&](Call& x) {
      x.in = CUDA_R_8F_E4M3, x.out = x.of_c = CUDA_R_16BF;
      change(x);
    });
  }
  float first() { return read<float>(d_, 1)[0]; }

  std::byte *a_ = holding(std::vector<float>(64 * 64, 0.5f)),
            *b_ = holding(std::vector<float>(64 * 64, 0.25f)), *bias_ = holding(std::vector<float>(64, 3.0f)),
            *d_ = holding(std::vector<float>(64 * 64)), *work_ = holding(std::vector<float>(64 * 64));
};

TEST_F(CublasLtOnHost, MultipliesAddsTheBiasAndActivates) {
  // D[i, j] = sum over k of A[k, i] B[k, j]; A[k, i] = k + 10 i, B[k, j] = j - 1
  Call call{.m = 2, .n = 3, .k = 2, .epilogue = CUBLASLT_EPILOGUE_RELU_BIAS};
  call.a = holding(std::vector<float>{0, 1, 10, 11});
  call.b = holding(std::vector<float>{-1, -1, 0, 0, 1, 1});
  call.bias = holding(std::vector<float>{0.5f, -30});
  call.d = holding(std::vector<float>(6));
  ASSERT_EQ(call.run(stream()), kOk);
  EXPECT_EQ(read<float>(call.d, 6), (std::vector<float>{0, 0, 0.5f, 0, 1.5f, 0}));
  call.epilogue = CUBLASLT_EPILOGUE_GELU_BIAS;
  ASSERT_EQ(call.run(stream()), kOk);
  EXPECT_NEAR(read<float>(call.d, 6)[2], 0.3457f, 1e-4f);  // gelu(0.5), tanh form
}

TEST_F(CublasLtOnHost, AddsWhatCHoldsOnlyWhereBetaSaysSo) {
  ASSERT_EQ(with([&](Call& x) { x.beta = 1, x.c = holding(std::vector<float>(16 * 32, 100.0f)); }), kOk);
  EXPECT_EQ(first(), 48 * 0.5f * 0.25f + 100);
  ASSERT_EQ(with([&](Call& x) { x.c = holding(std::vector<float>(16 * 32, NAN)); }), kOk);
  EXPECT_EQ(first(), 48 * 0.5f * 0.25f);
}

TEST_F(CublasLtOnHost, GivesTheSameThroughItsWorkspace) {
  ASSERT_EQ(with([](Call& x) { x.most_workspace = kBytes, x.way = 1; }), kOk);
  EXPECT_EQ(first(), 48 * 0.5f * 0.25f);
  EXPECT_EQ(read<float>(work_, 1)[0], 48 * 0.5f * 0.25f) << "the sums did not pass through the workspace";
}

TEST_F(CublasLtOnHost, ScalesFp8Products) {
  auto* const ones = holding(std::vector<__nv_fp8_e4m3>(64 * 64, __nv_fp8_e4m3(1.0f)));
  auto* const half = holding(std::vector<float>{0.5f});
  ASSERT_EQ(f8_with([&](Call& x) { x.a = x.b = ones, x.scale_a = x.scale_b = half; }), kOk);
  EXPECT_EQ(__bfloat162float(read<__nv_bfloat16>(d_, 1)[0]), 48 * 0.25f);
}

TEST_F(CublasLtOnHost, CutsOperandsToTf32OnlyWhereAskedTo) {
  auto* const odd = holding(std::vector<float>(64 * 64, 1.00048828125f));  // 1 + 2^-11: a bit more than tf32
  ASSERT_EQ(with([&](Call& x) { x.a = odd, x.compute = CUBLAS_COMPUTE_32F_FAST_TF32; }), kOk);
  EXPECT_EQ(first(), 48 * 0.25f);
  ASSERT_EQ(with([&](Call& x) { x.a = odd; }), kOk);
  EXPECT_GT(first(), 48 * 0.25f);
}

TEST_F(CublasLtOnHost, RejectsWhatTheLibraryRejects) {
  const auto before = [](auto what) { return [what](Call& x) { x.before_run = what; }; };
  const struct {
    const char* what;
    Change change;
    cublasStatus_t status;
  } broken[] = {
      {"no A", [](Call& x) { x.a = nullptr; }, kInvalid},
      {"no B", [](Call& x) { x.b = nullptr; }, kInvalid},
      {"no description", before([](auto& op, auto&, auto&) { op = nullptr; }), kInvalid},
      {"no handle", before([](auto&, auto&, auto& h) { h = nullptr; }), CUBLAS_STATUS_NOT_INITIALIZED},
      {"another k", [](Call& x) { x.k_of_b = 40; }, kInvalid},
      {"no columns", [](Call& x) { x.n = 0; }, kInvalid},
      {"columns that overlap", [](Call& x) { x.more_ld = -1; }, kInvalid},
      {"columns apart", [](Call& x) { x.more_ld = 8; }, kUnsupported},
      {"A as it is", [](Call& x) { x.op_a = CUBLAS_OP_N; }, kUnsupported},
      {"bf16 into f32", [](Call& x) { x.in = CUDA_R_16BF; }, kOk},
      {"bf16 into f16", [](Call& x) { x.in = CUDA_R_16BF, x.out = x.of_c = CUDA_R_16F; }, kUnsupported},
      {"another C", [](Call& x) { x.of_c = CUDA_R_16BF; }, kUnsupported},
      {"f16 sums", [](Call& x) { x.compute = CUBLAS_COMPUTE_16F; }, kUnsupported},
      {"f16 scales", [](Call& x) { x.of_scale = CUDA_R_16F; }, kUnsupported},
      {"f16 as tf32", [](Call& x) { x.in = CUDA_R_16F, x.compute = CUBLAS_COMPUTE_32F_FAST_TF32; },
       kUnsupported},
      {"a bias", [&](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_; }, kOk},
      {"no bias", [](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS; }, kInvalid},
      {"a bias of another type",
       [&](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_, x.bias_type = CUDA_R_16BF; },
       kUnsupported},
      {"another epilogue", [](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_GELU_AUX; }, kUnsupported},
      {"scales without fp8", [&](Call& x) { x.scale_a = bias_; }, kInvalid},
      {"A at 16 bytes", [&](Call& x) { x.a = a_ + 16; }, kInvalid},
      {"D at 128 bytes", [&](Call& x) { x.d = d_ + 128; }, kInvalid},
      {"a bias less aligned than when asked",
       [&](Call& x) {
         x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_;
         x.before_run = [&](auto& op, auto&, auto&) {
           const void* crooked = bias_ + 4;
           cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &crooked, sizeof crooked);
         };
       },
       kInvalid},
      {"an algorithm for another problem", before([](auto& op, auto&, auto&) {
         const auto other = CUBLASLT_EPILOGUE_RELU;
         cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_EPILOGUE, &other, sizeof other);
       }),
       kInvalid},
      {"a workspace too small",
       [](Call& x) { x.most_workspace = kBytes, x.way = 1, x.workspace_bytes = 16 * 32 * sizeof(float) - 1; },
       kInvalid},
      {"a workspace at 8 bytes",
       [&](Call& x) {
         x.most_workspace = kBytes, x.way = 1, x.workspace = work_ + 8, x.workspace_bytes = kBytes - 8;
       },
       kInvalid}};
  for (const auto& [what, change, status] : broken) EXPECT_EQ(with(change), status) << what;
}

TEST_F(CublasLtOnHost, HoldsFp8ToTheTensorCoresRules) {
  EXPECT_EQ(f8_with([](Call&) {}), kOk);
  EXPECT_EQ(f8_with([](Call& x) { x.k = x.k_of_b = 40; }), kUnsupported);
  EXPECT_EQ(f8_with([](Call& x) { x.m = 12; }), kUnsupported);
  EXPECT_EQ(f8_with([&](Call& x) {  // into f32 the bias is bf16
              x.out = x.of_c = CUDA_R_32F, x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_;
            }),
            kUnsupported);
  host_set_target("sm_80");
  EXPECT_EQ(f8_with([](Call&) {}), kUnsupported);
}

TEST_F(CublasLtOnHost, RejectsAttributesOfTheWrongSize) {
  cublasLtMatmulDesc_t op = nullptr;
  ASSERT_EQ(cublasLtMatmulDescCreate(&op, CUBLAS_COMPUTE_32F, CUDA_R_32F), kOk);
  const std::int64_t value = 0;
  EXPECT_EQ(cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_TRANSA, &value, sizeof value), kInvalid);
  EXPECT_EQ(cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_BIAS_POINTER, nullptr, 8), kInvalid);
  EXPECT_EQ(cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, &value, 4),
            kUnsupported);
  cublasLtMatmulDescDestroy(op);
  EXPECT_EQ(cublasLtCreate(nullptr), kInvalid);
}

TEST_F(CublasLtOnHost, EndsTheProcessOverWhatWasDestroyed) {
  const auto destroy = [](auto what) { return [what](Call& x) { x.before_run = what; }; };
  EXPECT_DEATH(with(destroy([](auto& op, auto&, auto&) { cublasLtMatmulDescDestroy(op); })),
               "use-after-free");
  EXPECT_DEATH(with(destroy([](auto&, auto& l, auto&) { cublasLtMatrixLayoutDestroy(l); })),
               "use-after-free");
}

TEST_F(CublasLtOnHost, EndsTheProcessOverMemoryThatIsNotThere) {
  EXPECT_DEATH(with([&](Call& x) { x.workspace_bytes = kBytes + 1; }), "cublasLtMatmul: workspace");
  EXPECT_DEATH(with([&](Call& x) { x.d = holding(std::vector<float>(16 * 32 - 1)); }), "cublasLtMatmul: D");
  EXPECT_DEATH(
      with([&](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = holding(std::vector<float>(15)); }),
      "cublasLtMatmul: bias");
  static const float kScale = 1;
  EXPECT_DEATH(f8_with([&](Call& x) { x.scale_a = &kScale; }), "cublasLtMatmul: scale");
}

// Two queries and keys, one head of 8: the second query sees both keys, the first its own alone.
struct Sdpa {
  cudnn_frontend::DataType_t io = cudnn_frontend::DataType_t::BFLOAT16;
  std::int64_t tokens = 2, keys = 2, heads = 1, kv_heads = 1, head_dim = 8, element_stride = 1, row = 8;
  std::int64_t v_uid = 3;
  bool output = true, stats = false;
  std::optional<int> left, right = 0;
  int steps = 5;  // of validate, build graph, plans, support, build
  cudnnHandle_t handle = nullptr;
  cudnn_frontend::graph::Graph graph = {};

  cudnn_frontend::error_t build() {
    using namespace cudnn_frontend;
    graph.set_io_data_type(io).set_intermediate_data_type(DataType_t::FLOAT);
    graph.set_compute_data_type(DataType_t::FLOAT);
    const auto tensor = [&](std::int64_t uid, std::int64_t count, std::int64_t many) {
      return graph.tensor(cudnn_frontend::graph::Tensor_attributes()
                              .set_uid(uid)
                              .set_dim({1, many, count, head_dim})
                              .set_stride({count * row, head_dim, row, element_stride}));
    };
    auto options = cudnn_frontend::graph::SDPA_attributes().set_generate_stats(stats).set_attn_scale(1);
    if (left) options.set_diagonal_band_left_bound(*left);
    if (right) options.set_diagonal_band_right_bound(*right);
    const auto q = tensor(1, tokens, heads), k = tensor(2, keys, kv_heads), v = tensor(v_uid, keys, kv_heads);
    const auto y = graph.sdpa(q, k, v, options)[0];
    y->set_output(output).set_uid(4).set_dim(q->dim).set_stride(q->stride);
    const std::function<cudnn_frontend::error_t()> all[] = {
        [&] { return graph.validate(); }, [&] { return graph.build_operation_graph(handle); },
        [&] { return graph.create_execution_plans({HeurMode_t::A}); }, [&] { return graph.check_support(); },
        [&] { return graph.build_plans(); }};
    cudnn_frontend::error_t status;
    for (int i = 0; i < steps && status.is_good(); ++i) status = all[i]();
    return status;
  }
};

class CudnnOnHost : public OnHost {
 protected:
  using Code = cudnn_frontend::error_code_t;
  using Pointers = std::unordered_map<std::int64_t, void*>;
  CudnnOnHost() {
    EXPECT_EQ(cudnn_frontend::detail::create_handle(&handle_), CUDNN_STATUS_SUCCESS);
    EXPECT_EQ(cudnn_frontend::detail::set_stream(handle_, stream()), CUDNN_STATUS_SUCCESS);
  }
  ~CudnnOnHost() override { static_cast<void>(cudnn_frontend::detail::destroy_handle(handle_)); }

  Code built_with(const std::function<void(Sdpa&)>& change) {
    Sdpa sdpa{.handle = handle_};
    change(sdpa);
    return sdpa.build().code;
  }
  Code executed_with(const std::function<void(Pointers&, void*&)>& change, Sdpa sdpa = {}) {
    sdpa.handle = handle_;
    EXPECT_EQ(sdpa.build().message, "");
    Pointers pointers = {{1, q_}, {2, k_}, {3, v_}, {4, y_}};
    void* workspace = workspace_;
    change(pointers, workspace);
    return sdpa.graph.execute(handle_, pointers, workspace).code;
  }
  std::byte* rows(float first, float second) {
    std::vector<__nv_bfloat16> values(16, __float2bfloat16(first));
    std::fill(values.begin() + 8, values.end(), __float2bfloat16(second));
    return holding(values);
  }

  cudnnHandle_t handle_ = nullptr;
  std::byte *q_ = rows(1, 1), *k_ = rows(0, 0), *v_ = rows(2, 6), *y_ = rows(0, 0),
            *workspace_ = holding(std::vector<float>(2));
};

TEST_F(CudnnOnHost, AttendsInsideTheBandOfTheDiagonal) {
  const auto attended = [&](std::optional<int> left, std::optional<int> right) {
    EXPECT_EQ(executed_with([](auto&, auto&) {}, {.left = left, .right = right}), Code::OK);
    const auto y = read<__nv_bfloat16>(y_, 16);
    return std::pair(__bfloat162float(y[0]), __bfloat162float(y[8]));
  };
  EXPECT_EQ(attended({}, 0), std::pair(2.0f, 4.0f));  // all keys alike: the mean of v over what is seen
  EXPECT_EQ(attended({}, {}), std::pair(4.0f, 4.0f));
  EXPECT_EQ(attended(1, 0), std::pair(2.0f, 6.0f));
}

TEST_F(CudnnOnHost, RefusesGraphsThatCudnnRefuses) {
  EXPECT_EQ(built_with([](Sdpa&) {}), Code::OK);
  EXPECT_EQ(built_with([](Sdpa& x) { x.io = cudnn_frontend::DataType_t::FLOAT; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.head_dim = x.row = 12; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.head_dim = x.row = 264; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.element_stride = 2; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.row = 9; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.heads = 3, x.kv_heads = 2; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Sdpa& x) { x.v_uid = 2; }), Code::INVALID_VALUE) << "two tensors share a uid";
  EXPECT_EQ(built_with([](Sdpa& x) { x.output = false; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Sdpa& x) { x.stats = true; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Sdpa& x) { x.left = 0; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Sdpa& x) { x.left = 1, x.tokens = 3; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Sdpa& x) { x.right = -1; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Sdpa& x) { x.handle = nullptr; }), Code::INVALID_VALUE);
}

TEST_F(CudnnOnHost, RefusesAGraphThatIsNotBuilt) {
  for (int steps = 0; steps < 5; ++steps) {
    Sdpa sdpa{.steps = steps, .handle = handle_};
    ASSERT_TRUE(sdpa.build().is_good());
    EXPECT_TRUE(sdpa.graph.execute(handle_, {}, workspace_).is_bad()) << steps;
  }
  Sdpa sdpa{.steps = 0, .handle = handle_};
  ASSERT_TRUE(sdpa.build().is_good());
  EXPECT_TRUE(sdpa.graph.build_operation_graph(handle_).is_bad()) << "validate() was left out";
  EXPECT_TRUE(sdpa.graph.build_plans().is_bad());
  EXPECT_TRUE(cudnn_frontend::graph::Graph().validate().is_bad());
}

TEST_F(CudnnOnHost, RefusesPointersThatAreMissingUnknownOrCrooked) {
  EXPECT_EQ(executed_with([](auto& p, auto&) { p.erase(2); }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto& p, auto&) { p[4] = nullptr; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[7] = q_; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[1] = q_ + 2; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto&, auto& w) { w = nullptr; }), Code::INVALID_VARIANT_PACK);
}

TEST_F(CudnnOnHost, EndsTheProcessOverMemoryThatIsNotThere) {
  EXPECT_DEATH(executed_with([&](auto& p, auto&) { p[4] = y_ + 16; }), "cuDNN execute: uid 4");
  EXPECT_DEATH(executed_with([&](auto&, auto& w) { w = holding(std::vector<float>(1)); }),
               "cuDNN execute: workspace");
}

TEST_F(CudnnOnHost, EndsTheProcessOverAHandleThatIsGone) {
  cudnnHandle_t gone = nullptr;
  ASSERT_EQ(cudnn_frontend::detail::create_handle(&gone), CUDNN_STATUS_SUCCESS);
  ASSERT_EQ(cudnn_frontend::detail::destroy_handle(gone), CUDNN_STATUS_SUCCESS);
  EXPECT_DEATH(static_cast<void>(cudnn_frontend::detail::set_stream(gone, stream())), "use-after-free");
}

}  // namespace
}  // namespace assay::libraries_tests
