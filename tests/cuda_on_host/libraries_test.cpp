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
#include <cuda_runtime.h>

#include "cudnn_frontend.h"
#include "host_runtime.h"

namespace assay {
namespace {

/// Device memory that holds `values`, or room for `bytes`.
class OnDevice {
 public:
  explicit OnDevice(std::size_t bytes) { EXPECT_EQ(cudaMalloc(&data_, bytes), cudaSuccess); }
  template <typename T>
  explicit OnDevice(const std::vector<T>& values) : OnDevice(values.size() * sizeof(T)) {
    EXPECT_EQ(cudaMemcpy(data_, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
              cudaSuccess);
  }
  ~OnDevice() { static_cast<void>(cudaFree(data_)); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

  std::byte* at(std::ptrdiff_t byte = 0) const { return static_cast<std::byte*>(data_) + byte; }
  template <typename T>
  std::vector<T> read(std::size_t count) const {
    std::vector<T> values(count);
    EXPECT_EQ(cudaMemcpy(values.data(), data_, count * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
    return values;
  }

 private:
  void* data_ = nullptr;
};

class OwnStream {
 public:
  OwnStream() { EXPECT_EQ(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), cudaSuccess); }
  ~OwnStream() { static_cast<void>(cudaStreamDestroy(stream_)); }
  operator cudaStream_t() const { return stream_; }
  void wait() const { EXPECT_EQ(cudaStreamSynchronize(stream_), cudaSuccess); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// One cublasLtMatmul() with everything it needs. Tests change a field and see what comes back.
struct LtCallUnderTest {
  std::uint64_t m = 16, n = 32, k = 48;  // D [m, n], column-major
  cudaDataType_t in = CUDA_R_32F, out = CUDA_R_32F, c_type = out, scale_type = CUDA_R_32F;
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cublasOperation_t op_a = CUBLAS_OP_T, op_b = CUBLAS_OP_N;
  std::int64_t more_lda = 0, more_ldd = 0;
  std::uint64_t a_rows = k;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
  std::optional<cudaDataType_t> bias_type;
  const void *scale_a = nullptr, *scale_b = nullptr;
  float beta = 0;
  const void *a = nullptr, *b = nullptr, *c = nullptr;
  void* d = nullptr;
  std::uint64_t most_workspace = 0;
  void* workspace = nullptr;
  std::size_t workspace_bytes = 0;
  int way = 0;
  std::function<void(cublasLtMatmulDesc_t&, cublasLtMatrixLayout_t&)> before_run = [](auto&, auto&) {};

  /// The heuristics' status where they find nothing, else the matmul's.
  cublasStatus_t run(cudaStream_t stream, bool after_destroying_handle = false) {
    cublasLtHandle_t handle = nullptr;
    EXPECT_EQ(cublasLtCreate(&handle), CUBLAS_STATUS_SUCCESS);
    const auto layout = [](cudaDataType_t type, std::uint64_t rows, std::uint64_t cols, std::int64_t more) {
      cublasLtMatrixLayout_t made = nullptr;
      EXPECT_EQ(cublasLtMatrixLayoutCreate(&made, type, rows, cols, static_cast<std::int64_t>(rows) + more),
                CUBLAS_STATUS_SUCCESS);
      return made;
    };
    auto la = op_a == CUBLAS_OP_T ? layout(in, a_rows, m, more_lda) : layout(in, m, a_rows, more_lda);
    auto lb = op_b == CUBLAS_OP_N ? layout(in, k, n, 0) : layout(in, n, k, 0);
    auto lc = layout(c_type, m, n, 0), ld = layout(out, m, n, more_ldd);
    cublasLtMatmulDesc_t op = nullptr;
    EXPECT_EQ(cublasLtMatmulDescCreate(&op, compute, scale_type), CUBLAS_STATUS_SUCCESS);
    const auto set = [&](cublasLtMatmulDescAttributes_t attribute, const auto& value) {
      EXPECT_EQ(cublasLtMatmulDescSetAttribute(op, attribute, &value, sizeof value), CUBLAS_STATUS_SUCCESS);
    };
    set(CUBLASLT_MATMUL_DESC_TRANSA, op_a);
    set(CUBLASLT_MATMUL_DESC_TRANSB, op_b);
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    if (bias_type) set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, *bias_type);
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, scale_a);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, scale_b);
    cublasLtMatmulPreference_t preference = nullptr;
    EXPECT_EQ(cublasLtMatmulPreferenceCreate(&preference), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                   &most_workspace, sizeof most_workspace),
              CUBLAS_STATUS_SUCCESS);
    cublasLtMatmulHeuristicResult_t found[4];
    int count = 0;
    auto status = cublasLtMatmulAlgoGetHeuristic(handle, op, la, lb, lc, ld, preference, 4, found, &count);
    if (status == CUBLAS_STATUS_SUCCESS) {
      EXPECT_GT(count, way);
      before_run(op, la);
      if (after_destroying_handle) cublasLtDestroy(handle);
      const float alpha = 1;
      status = cublasLtMatmul(handle, op, &alpha, a, la, b, lb, &beta, c == nullptr ? d : c, lc, d, ld,
                              &found[way].algo, workspace, workspace_bytes, stream);
    }
    cublasLtMatmulPreferenceDestroy(preference);
    for (const auto made : {la, lb, lc, ld}) cublasLtMatrixLayoutDestroy(made);
    cublasLtMatmulDescDestroy(op);
    cublasLtDestroy(handle);
    return status;
  }
};

class CublasLtOnHost : public testing::Test {
 protected:
  void TearDown() override { stream_.wait(); }
  static constexpr std::size_t kBytes = 64 * 64 * sizeof(float);
  LtCallUnderTest good() const {
    return {.a = a_.at(), .b = b_.at(), .d = d_.at(), .workspace = work_.at(), .workspace_bytes = kBytes};
  }
  LtCallUnderTest good_f8() const {
    auto call = good();
    call.in = CUDA_R_8F_E4M3;
    call.out = call.c_type = CUDA_R_16BF;
    return call;
  }
  /// What comes back when `change` is made to a call that is otherwise right.
  cublasStatus_t with(const std::function<void(LtCallUnderTest&)>& change) {
    auto call = good();
    change(call);
    return call.run(stream_);
  }
  cublasStatus_t f8_with(const std::function<void(LtCallUnderTest&)>& change) {
    auto call = good_f8();
    change(call);
    return call.run(stream_);
  }

  OwnStream stream_;
  OnDevice a_{std::vector<float>(64 * 64, 0.5f)}, b_{std::vector<float>(64 * 64, 0.25f)},
      bias_{std::vector<float>(64, 3.0f)}, d_{kBytes}, work_{kBytes};
};

using Call = LtCallUnderTest;
constexpr auto kOk = CUBLAS_STATUS_SUCCESS, kInvalid = CUBLAS_STATUS_INVALID_VALUE,
               kUnsupported = CUBLAS_STATUS_NOT_SUPPORTED;

TEST_F(CublasLtOnHost, MultipliesAddsTheBiasAndActivates) {
  // D[i, j] = sum over k of A[k, i] B[k, j]; A[k, i] = k + 10 i, B[k, j] = j - 1
  OnDevice a(std::vector<float>{0, 1, 10, 11}), b(std::vector<float>{-1, -1, 0, 0, 1, 1}),
      d(6 * sizeof(float));
  OnDevice bias(std::vector<float>{0.5f, -30});
  Call call{.m = 2,
            .n = 3,
            .k = 2,
            .epilogue = CUBLASLT_EPILOGUE_RELU_BIAS,
            .bias = bias.at(),
            .a = a.at(),
            .b = b.at(),
            .d = d.at()};
  ASSERT_EQ(call.run(stream_), kOk);
  stream_.wait();
  EXPECT_EQ(d.read<float>(6), (std::vector<float>{0, 0, 0.5f, 0, 1.5f, 0}));
  call.epilogue = CUBLASLT_EPILOGUE_GELU_BIAS;
  ASSERT_EQ(call.run(stream_), kOk);
  stream_.wait();
  EXPECT_NEAR(d.read<float>(6)[2], 0.3457f, 1e-4f);  // gelu(0.5), tanh form
}

TEST_F(CublasLtOnHost, AddsWhatCHoldsOnlyWhereBetaSaysSo) {
  OnDevice c(std::vector<float>(16 * 32, 100.0f)), nan(std::vector<float>(16 * 32, NAN));
  ASSERT_EQ(with([&](Call& x) { x.beta = 1, x.c = c.at(); }), kOk);
  stream_.wait();
  EXPECT_EQ(d_.read<float>(1)[0], 48 * 0.5f * 0.25f + 100);
  ASSERT_EQ(with([&](Call& x) { x.c = nan.at(); }), kOk);
  stream_.wait();
  EXPECT_EQ(d_.read<float>(1)[0], 48 * 0.5f * 0.25f);
}

TEST_F(CublasLtOnHost, GivesTheSameThroughItsWorkspace) {
  ASSERT_EQ(with([](Call& x) { x.most_workspace = kBytes, x.way = 1; }), kOk);
  stream_.wait();
  EXPECT_EQ(d_.read<float>(1)[0], 48 * 0.5f * 0.25f);
  EXPECT_EQ(work_.read<float>(1)[0], 48 * 0.5f * 0.25f) << "the sums did not pass through the workspace";
}

TEST_F(CublasLtOnHost, ScalesFp8Products) {
  OnDevice ones(std::vector<__nv_fp8_e4m3>(64 * 64, __nv_fp8_e4m3(1.0f))), scale(std::vector<float>{0.5f});
  ASSERT_EQ(f8_with([&](Call& x) { x.a = x.b = ones.at(), x.scale_a = x.scale_b = scale.at(); }), kOk);
  stream_.wait();
  EXPECT_EQ(__bfloat162float(d_.read<__nv_bfloat16>(1)[0]), 48 * 0.25f);
}

TEST_F(CublasLtOnHost, CutsOperandsToTf32OnlyWhereAskedTo) {
  OnDevice odd(std::vector<float>(64 * 64, 1.00048828125f));  // 1 + 2^-11: one bit more than tf32 has
  ASSERT_EQ(with([&](Call& x) { x.a = odd.at(), x.compute = CUBLAS_COMPUTE_32F_FAST_TF32; }), kOk);
  stream_.wait();
  EXPECT_EQ(d_.read<float>(1)[0], 48 * 0.25f);
  ASSERT_EQ(with([&](Call& x) { x.a = odd.at(); }), kOk);
  stream_.wait();
  EXPECT_GT(d_.read<float>(1)[0], 48 * 0.25f);
}

TEST_F(CublasLtOnHost, RejectsNullAndDestroyedObjects) {
  EXPECT_EQ(with([](Call& x) { x.a = nullptr; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.b = nullptr; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.before_run = [](auto& op, auto&) { cublasLtMatmulDescDestroy(op); }; }),
            kInvalid);
  EXPECT_EQ(with([](Call& x) { x.before_run = [](auto&, auto& l) { cublasLtMatrixLayoutDestroy(l); }; }),
            kInvalid);
  EXPECT_EQ(with([](Call& x) { x.before_run = [](auto& op, auto&) { op = nullptr; }; }), kInvalid);
  EXPECT_EQ(good().run(stream_, true), CUBLAS_STATUS_NOT_INITIALIZED);
  EXPECT_EQ(cublasLtCreate(nullptr), kInvalid);
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
}

TEST_F(CublasLtOnHost, RejectsShapesThatDoNotGoTogether) {
  EXPECT_EQ(with([](Call& x) { x.a_rows = 40; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.op_a = CUBLAS_OP_N, x.a_rows = 16; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.more_lda = -1; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.more_ldd = -1; }), kInvalid);
  EXPECT_EQ(with([](Call& x) { x.n = 0; }), kInvalid);
}

TEST_F(CublasLtOnHost, RejectsTypesThatTheLibraryDoesNotCombine) {
  EXPECT_EQ(with([](Call& x) { x.in = CUDA_R_16BF; }), kOk);
  EXPECT_EQ(with([](Call& x) { x.in = CUDA_R_16BF, x.out = x.c_type = CUDA_R_16F; }), kUnsupported);
  EXPECT_EQ(with([](Call& x) { x.c_type = CUDA_R_16BF; }), kUnsupported);
  EXPECT_EQ(with([](Call& x) { x.compute = CUBLAS_COMPUTE_16F; }), kUnsupported);
  EXPECT_EQ(with([](Call& x) { x.in = CUDA_R_16F, x.compute = CUBLAS_COMPUTE_32F_FAST_TF32; }), kUnsupported);
  EXPECT_EQ(with([](Call& x) { x.scale_type = CUDA_R_16F; }), kUnsupported);
}

TEST_F(CublasLtOnHost, RejectsEpiloguesThatLackTheirBiasOrItsType) {
  EXPECT_EQ(with([&](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_.at(); }), kOk);
  EXPECT_EQ(with([](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS; }), kInvalid);
  EXPECT_EQ(with([&](Call& x) {
              x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_.at(), x.bias_type = CUDA_R_16BF;
            }),
            kUnsupported);
  EXPECT_EQ(with([](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_GELU_AUX; }), kUnsupported);
}

TEST_F(CublasLtOnHost, HoldsFp8ToTheTensorCoresRules) {
  EXPECT_EQ(f8_with([](Call&) {}), kOk);
  EXPECT_EQ(f8_with([](Call& x) { x.op_a = CUBLAS_OP_N; }), kUnsupported);
  EXPECT_EQ(f8_with([](Call& x) { x.k = x.a_rows = 40; }), kUnsupported);
  EXPECT_EQ(f8_with([](Call& x) { x.more_lda = 8; }), kUnsupported);
  EXPECT_EQ(f8_with([](Call& x) { x.m = 12; }), kUnsupported);
  EXPECT_EQ(f8_with([&](Call& x) {  // into f32 the bias is bf16
              x.out = x.c_type = CUDA_R_32F, x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_.at();
            }),
            kUnsupported);
  EXPECT_EQ(with([&](Call& x) { x.scale_a = bias_.at(); }), kInvalid) << "scales are fp8's";
  host_set_target("sm_80");
  EXPECT_EQ(f8_with([](Call&) {}), kUnsupported);
  host_set_target("sm_90");
}

TEST_F(CublasLtOnHost, HoldsPointersToThePromisedAlignment) {
  EXPECT_EQ(with([&](Call& x) { x.a = a_.at(16); }), kInvalid) << "the heuristics were promised 256 bytes";
  EXPECT_EQ(with([&](Call& x) { x.d = d_.at(128); }), kInvalid);
  EXPECT_EQ(with([&](Call& x) {
              x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = bias_.at();
              x.before_run = [&](auto& op, auto&) {
                const void* crooked = bias_.at(4);
                cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &crooked,
                                               sizeof crooked);
              };
            }),
            kInvalid);
}

TEST_F(CublasLtOnHost, RejectsAnAlgorithmFoundForAnotherProblem) {
  EXPECT_EQ(with([](Call& x) {
              x.before_run = [](auto& op, auto&) {
                const auto other = CUBLASLT_EPILOGUE_RELU;
                cublasLtMatmulDescSetAttribute(op, CUBLASLT_MATMUL_DESC_EPILOGUE, &other, sizeof other);
              };
            }),
            kInvalid);
}

TEST_F(CublasLtOnHost, RejectsAWorkspaceThatIsTooSmallOrCrooked) {
  const auto through = [&](void* workspace, std::size_t bytes) {
    return with([&](Call& x) {
      x.most_workspace = kBytes, x.way = 1, x.workspace = workspace, x.workspace_bytes = bytes;
    });
  };
  EXPECT_EQ(through(work_.at(), 16 * 32 * sizeof(float)), kOk);
  EXPECT_EQ(through(work_.at(), 16 * 32 * sizeof(float) - 1), kInvalid);
  EXPECT_EQ(through(work_.at(8), kBytes - 8), kInvalid);
}

TEST_F(CublasLtOnHost, EndsTheProcessOverMemoryThatIsNotThere) {
  std::vector<float> on_host(64 * 64);
  EXPECT_DEATH(with([&](Call& x) { x.workspace_bytes = kBytes + 1; }), "cublasLtMatmul: workspace");
  OnDevice small(16 * 32 * sizeof(float) - 1);
  EXPECT_DEATH(with([&](Call& x) { x.d = small.at(); }), "cublasLtMatmul: D");
  OnDevice short_bias(15 * sizeof(float));
  EXPECT_DEATH(with([&](Call& x) { x.epilogue = CUBLASLT_EPILOGUE_BIAS, x.bias = short_bias.at(); }),
               "cublasLtMatmul: bias");
  alignas(256) static const float kScale = 1;
  EXPECT_DEATH(f8_with([&](Call& x) { x.scale_a = &kScale; }), "cublasLtMatmul: scale");
}

// Two queries and keys, one head of 8: the second query sees both keys, the first its own alone.
struct SdpaUnderTest {
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
                              .set_name("t" + std::to_string(uid))
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
    cudnn_frontend::error_t status;
    const std::function<cudnn_frontend::error_t()> all[] = {
        [&] { return graph.validate(); }, [&] { return graph.build_operation_graph(handle); },
        [&] { return graph.create_execution_plans({HeurMode_t::A}); }, [&] { return graph.check_support(); },
        [&] { return graph.build_plans(); }};
    for (int i = 0; i < steps && status.is_good(); ++i) status = all[i]();
    return status;
  }
};

class CudnnOnHost : public testing::Test {
 protected:
  void TearDown() override { stream_.wait(); }
  using Code = cudnn_frontend::error_code_t;
  CudnnOnHost() {
    EXPECT_EQ(cudnn_frontend::detail::create_handle(&handle_), CUDNN_STATUS_SUCCESS);
    EXPECT_EQ(cudnn_frontend::detail::set_stream(handle_, stream_), CUDNN_STATUS_SUCCESS);
  }
  ~CudnnOnHost() override { static_cast<void>(cudnn_frontend::detail::destroy_handle(handle_)); }

  Code built_with(const std::function<void(SdpaUnderTest&)>& change) {
    SdpaUnderTest sdpa{.handle = handle_};
    change(sdpa);
    return sdpa.build().code;
  }
  Code executed_with(const std::function<void(std::unordered_map<std::int64_t, void*>&, void*&)>& change) {
    SdpaUnderTest sdpa{.handle = handle_};
    EXPECT_EQ(sdpa.build().message, "");
    std::unordered_map<std::int64_t, void*> pointers = {
        {1, q_.at()}, {2, k_.at()}, {3, v_.at()}, {4, y_.at()}};
    void* workspace = workspace_.at();
    change(pointers, workspace);
    return sdpa.graph.execute(handle_, pointers, workspace).code;
  }
  static std::vector<__nv_bfloat16> rows(float first, float second) {
    std::vector<__nv_bfloat16> values(16, __float2bfloat16(first));
    std::fill(values.begin() + 8, values.end(), __float2bfloat16(second));
    return values;
  }

  OwnStream stream_;
  cudnnHandle_t handle_ = nullptr;
  OnDevice q_{rows(1, 1)}, k_{rows(0, 0)}, v_{rows(2, 6)}, y_{32}, workspace_{8};
};

TEST_F(CudnnOnHost, AttendsInsideTheBandOfTheDiagonal) {
  const auto second_row = [&](std::optional<int> left, std::optional<int> right) {
    SdpaUnderTest sdpa{.left = left, .right = right, .handle = handle_};
    EXPECT_EQ(sdpa.build().message, "");
    std::int64_t bytes = 0;
    EXPECT_TRUE(sdpa.graph.get_workspace_size(bytes).is_good());
    EXPECT_EQ(bytes, 8);
    EXPECT_TRUE(
        sdpa.graph.execute(handle_, {{1, q_.at()}, {2, k_.at()}, {3, v_.at()}, {4, y_.at()}}, workspace_.at())
            .is_good());
    stream_.wait();
    const auto y = y_.read<__nv_bfloat16>(16);
    return std::pair(__bfloat162float(y[0]), __bfloat162float(y[8]));
  };
  EXPECT_EQ(second_row({}, 0), std::pair(2.0f, 4.0f));  // all keys alike: the mean of v over what is seen
  EXPECT_EQ(second_row({}, {}), std::pair(4.0f, 4.0f));
  EXPECT_EQ(second_row(1, 0), std::pair(2.0f, 6.0f));
}

TEST_F(CudnnOnHost, RefusesGraphsThatCudnnRefuses) {
  using Sdpa = SdpaUnderTest;
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
    SdpaUnderTest sdpa{.steps = steps, .handle = handle_};
    ASSERT_TRUE(sdpa.build().is_good());
    EXPECT_TRUE(sdpa.graph.execute(handle_, {}, workspace_.at()).is_bad()) << steps;
  }
  SdpaUnderTest sdpa{.steps = 0, .handle = handle_};
  ASSERT_TRUE(sdpa.build().is_good());
  EXPECT_TRUE(sdpa.graph.build_operation_graph(handle_).is_bad()) << "validate() was left out";
  EXPECT_TRUE(sdpa.graph.build_plans().is_bad());
  EXPECT_TRUE(cudnn_frontend::graph::Graph().validate().is_bad());
}

TEST_F(CudnnOnHost, RefusesPointersThatAreMissingUnknownOrCrooked) {
  EXPECT_EQ(executed_with([](auto&, auto&) {}), Code::OK);
  EXPECT_EQ(executed_with([](auto& p, auto&) { p.erase(2); }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto& p, auto&) { p[4] = nullptr; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[7] = q_.at(); }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[1] = q_.at(2); }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto&, auto& w) { w = nullptr; }), Code::INVALID_VARIANT_PACK);
}

TEST_F(CudnnOnHost, EndsTheProcessOverMemoryThatIsNotThere) {
  EXPECT_DEATH(executed_with([&](auto& p, auto&) { p[4] = y_.at(16); }), "cuDNN execute: uid 4");
  OnDevice small(4);
  EXPECT_DEATH(executed_with([&](auto&, auto& w) { w = small.at(); }), "cuDNN execute: workspace");
}

TEST_F(CudnnOnHost, RefusesAHandleThatIsGone) {
  cudnnHandle_t gone = nullptr;
  ASSERT_EQ(cudnn_frontend::detail::create_handle(&gone), CUDNN_STATUS_SUCCESS);
  ASSERT_EQ(cudnn_frontend::detail::destroy_handle(gone), CUDNN_STATUS_SUCCESS);
  EXPECT_NE(cudnn_frontend::detail::set_stream(gone, stream_), CUDNN_STATUS_SUCCESS);
  EXPECT_NE(cudnn_frontend::detail::destroy_handle(gone), CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(built_with([&](SdpaUnderTest& x) { x.handle = gone; }), Code::INVALID_VALUE);
}

}  // namespace
}  // namespace assay
