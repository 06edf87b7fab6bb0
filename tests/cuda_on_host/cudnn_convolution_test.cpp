// SPDX-License-Identifier: Apache-2.0
// The stand-in of cuDNN's fused convolution: it computes what the library computes, and every rule that it
// checks is broken here once. Its attention is in libraries_test.cpp.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include <cuda_bf16.h>

#include "cuda_host.h"
#include "cudnn_frontend.h"
#include "device/cuda/launch.cuh"

namespace assay::cudnn_convolution_tests {
namespace {

namespace fe = cudnn_frontend;
using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;
using Values = std::vector<std::int64_t>;

/// A row of two pixels of eight channels, eight filters of 1x2, and a padding on the right.
struct Fused {
  fe::DataType_t io = fe::DataType_t::BFLOAT16, intermediate = fe::DataType_t::FLOAT;
  std::int64_t channels = 8, w_channels = 8, filters = 8, out_width = 2;
  Values pre = {0, 0}, post = {0, 1}, stride = {1, 1}, dilation = {1, 1};
  std::int64_t pixel_gap = 0, bias_uid = 3;
  Values bias_dim = {1, 8, 1, 1};
  bool bias_operand = true, output = true, output_in_between = false, from_x = false;
  fe::PointwiseMode_t mode = fe::PointwiseMode_t::RELU_FWD;
  int steps = 5;  // of validate, build graph, plans, support, build
  cudnnHandle_t handle = nullptr;
  fe::graph::Graph graph = {};

  Tensor tensor(std::int64_t uid, const Values& d, std::int64_t gap = 0) {
    const std::int64_t pixel = d[1] + gap;
    return graph.tensor(fe::graph::Tensor_attributes().set_uid(uid).set_dim(d).set_stride(
        {pixel * d[2] * d[3], 1, pixel * d[3], pixel}));
  }
  fe::error_t build() {
    graph.set_io_data_type(io).set_intermediate_data_type(intermediate);
    graph.set_compute_data_type(fe::DataType_t::FLOAT);
    const Tensor x = tensor(1, {1, channels, 1, 2}, pixel_gap), w = tensor(2, {filters, w_channels, 1, 2});
    const Tensor sums = graph.conv_fprop(x, w,
                                         fe::graph::Conv_fprop_attributes()
                                             .set_pre_padding(pre)
                                             .set_post_padding(post)
                                             .set_stride(stride)
                                             .set_dilation(dilation));
    const auto add = fe::graph::Pointwise_attributes().set_mode(fe::PointwiseMode_t::ADD);
    const Tensor bias = tensor(bias_uid, bias_dim);
    const Tensor biased =
        bias_operand ? graph.pointwise(from_x ? x : sums, bias, add) : graph.pointwise(sums, add);
    biased->set_output(output_in_between);
    const Tensor y = graph.pointwise(biased, fe::graph::Pointwise_attributes().set_mode(mode));
    y->set_output(output).set_uid(4).set_dim({1, filters, 1, out_width});
    y->set_stride({filters * out_width, 1, filters * out_width, filters});
    const std::function<fe::error_t()> all[] = {
        [&] { return graph.validate(); }, [&] { return graph.build_operation_graph(handle); },
        [&] { return graph.create_execution_plans({fe::HeurMode_t::A}); },
        [&] { return graph.check_support(); }, [&] { return graph.build_plans(); }};
    fe::error_t status;
    for (int i = 0; i < steps && status.is_good(); ++i) status = all[i]();
    return status;
  }
};

class CudnnConvolutionOnHost : public testing::Test {
 protected:
  using Code = fe::error_code_t;
  using Pointers = std::unordered_map<std::int64_t, void*>;
  CudnnConvolutionOnHost() {
    EXPECT_EQ(fe::detail::create_handle(&handle_), CUDNN_STATUS_SUCCESS);
    EXPECT_EQ(fe::detail::set_stream(handle_, cuda_stream(host_.lane->stream())), CUDNN_STATUS_SUCCESS);
  }
  ~CudnnConvolutionOnHost() override {
    host_.lane->synchronize();
    static_cast<void>(fe::detail::destroy_handle(handle_));
  }
  std::byte* take(std::int64_t bytes) {
    memory_.push_back(host_.open.device->allocate(bytes));
    return static_cast<std::byte*>(memory_.back()->buffer().data);
  }
  /// Element i is values[i / each].
  std::byte* holding(const std::vector<float>& values, int each) {
    std::vector<__nv_bfloat16> all;
    for (const float value : values)
      all.insert(all.end(), static_cast<std::size_t>(each), __float2bfloat16(value));
    std::byte* const at = take(static_cast<std::int64_t>(all.size()) * 2);
    host_.lane->write({at, static_cast<std::int64_t>(all.size()) * 2}, all.data(),
                      static_cast<std::int64_t>(all.size()) * 2);
    return at;
  }
  float result(std::size_t i) {
    std::vector<__nv_bfloat16> all(16);
    host_.lane->read(all.data(), {y_, 32}, 32);
    return __bfloat162float(all[i]);
  }
  Code built_with(const std::function<void(Fused&)>& change) {
    Fused fused{.handle = handle_};
    change(fused);
    return fused.build().code;
  }
  Code executed_with(const std::function<void(Pointers&, void*&)>& change, Fused fused = {}) {
    fused.handle = handle_;
    EXPECT_EQ(fused.build().message, "");
    Pointers pointers = {{1, x_}, {2, w_}, {3, bias_}, {4, y_}};
    void* workspace = workspace_;
    change(pointers, workspace);
    return fused.graph.execute(handle_, pointers, workspace).code;
  }

  const CudaHost host_;
  std::vector<std::unique_ptr<Memory>> memory_;
  cudnnHandle_t handle_ = nullptr;
  std::byte *x_ = holding({1, 2}, 8),      // a pixel
      *w_ = holding({1, 10, -1, -1}, 32),  // sixteen weights a filter: each value makes two of them
          *bias_ = holding({4}, 8), *y_ = take(32), *workspace_ = take(16 * 4);
};

TEST_F(CudnnConvolutionOnHost, SumsAddsAndActivates) {
  EXPECT_EQ(executed_with([](auto&, auto&) {}), Code::OK);
  EXPECT_EQ(result(0), 8 * (1 + 2) + 4);
  EXPECT_EQ(result(8), 8 * 2 + 4) << "the second tap is padding";
  EXPECT_EQ(result(2), 8 * 30 + 4);
  EXPECT_EQ(result(4), 0) << "relu(-24 + 4)";
  EXPECT_EQ(executed_with([](auto&, auto&) {}, {.mode = fe::PointwiseMode_t::SWISH_FWD}), Code::OK);
  EXPECT_EQ(result(0), 28);
  EXPECT_NEAR(result(12), -12 / (1 + std::exp(12.0f)), 1e-6);
}

TEST_F(CudnnConvolutionOnHost, RefusesGraphsThatCudnnRefuses) {
  EXPECT_EQ(built_with([](Fused&) {}), Code::OK);
  EXPECT_EQ(built_with([](Fused& x) { x.io = fe::DataType_t::FLOAT; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.intermediate = fe::DataType_t::HALF; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Fused& x) { x.channels = x.w_channels = 12; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.channels = 16; }), Code::GRAPH_NOT_SUPPORTED) << "groups";
  EXPECT_EQ(built_with([](Fused& x) { x.pixel_gap = 8; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.out_width = 3; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) {
              x.bias_dim = {1, 8, 1, 2}, x.post = {0, 2}, x.out_width = 3;
            }),
            Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.pre = {0}; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Fused& x) { x.dilation = {}; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Fused& x) { x.pre = {-1, 0}; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Fused& x) { x.stride = {0, 1}; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Fused& x) { x.dilation = {1, 3}; }), Code::INVALID_VALUE) << "wider than x";
  EXPECT_EQ(built_with([](Fused& x) { x.bias_uid = 2; }), Code::INVALID_VALUE) << "two tensors share a uid";
  EXPECT_EQ(built_with([](Fused& x) { x.bias_operand = false; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Fused& x) { x.mode = fe::PointwiseMode_t::ADD; }), Code::INVALID_VALUE);
  EXPECT_EQ(built_with([](Fused& x) { x.mode = fe::PointwiseMode_t::NOT_SET; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Fused& x) { x.output = false; }), Code::ATTRIBUTE_NOT_SET);
  EXPECT_EQ(built_with([](Fused& x) { x.output_in_between = true; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.from_x = true; }), Code::GRAPH_NOT_SUPPORTED);
  EXPECT_EQ(built_with([](Fused& x) { x.handle = nullptr; }), Code::INVALID_VALUE);
}

TEST_F(CudnnConvolutionOnHost, RefusesAGraphThatIsNotBuilt) {
  for (int steps = 0; steps < 5; ++steps) {
    Fused fused{.steps = steps, .handle = handle_};
    ASSERT_TRUE(fused.build().is_good());
    EXPECT_TRUE(fused.graph.execute(handle_, {}, workspace_).is_bad()) << steps;
  }
}

TEST_F(CudnnConvolutionOnHost, RefusesPointersThatAreMissingUnknownOrCrooked) {
  EXPECT_EQ(executed_with([](auto& p, auto&) { p.erase(3); }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto& p, auto&) { p[4] = nullptr; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[7] = x_; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([&](auto& p, auto&) { p[1] = x_ + 2; }), Code::INVALID_VARIANT_PACK);
  EXPECT_EQ(executed_with([](auto&, auto& w) { w = nullptr; }), Code::INVALID_VARIANT_PACK);
}

TEST_F(CudnnConvolutionOnHost, EndsTheProcessOverMemoryThatIsNotThere) {
  EXPECT_DEATH(executed_with([&](auto& p, auto&) { p[2] = w_ + 16; }), "cuDNN execute: uid 2");
  EXPECT_DEATH(executed_with([&](auto&, auto& w) { w = take(15 * 4); }), "cuDNN execute: workspace");
}

}  // namespace
}  // namespace assay::cudnn_convolution_tests
