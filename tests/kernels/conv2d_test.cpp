// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv2d/conv2d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "support/host_op.h"

namespace assay::conv2d_tests {
namespace {

using Values = std::vector<double>;

/// A 3 x 3 picture of one channel, 1 to 9, a 2 x 2 kernel that tells its taps apart.
Conv2d::Params nine() {
  return {.batch = 1, .height = 3, .width = 3, .channels = 1, .filters = 1, .kernel_h = 2, .kernel_w = 2};
}
const Values kNine = {1, 2, 3, 4, 5, 6, 7, 8, 9}, kTaps = {1, 10, 100, 1000};

Values result(const Conv2d::Params& p, const std::vector<Values>& inputs) {
  return expected_of(Conv2d(p), inputs).values[0];
}

TEST(Conv2d, CorrelatesAndDoesNotFlipTheKernel) {
  EXPECT_EQ(result(nine(), {kNine, kTaps, {0}}), (Values{5421, 6532, 8754, 9865}));
}

TEST(Conv2d, PadsEachSideByItself) {
  Conv2d::Params p = nine();
  p.pad = {.top = 1, .left = 0, .bottom = 0, .right = 1};
  EXPECT_EQ(result(p, {kNine, kTaps, {0}}), (Values{2100, 3200, 300, 5421, 6532, 603, 8754, 9865, 906}));
}

TEST(Conv2d, StepsByStridesOfItsOwnInEachDirection) {
  Conv2d::Params p = nine();
  p.stride_h = 2;
  p.pad.bottom = 1;
  EXPECT_EQ(result(p, {kNine, kTaps, {0}}), (Values{5421, 6532, 87, 98}));
}

TEST(Conv2d, SpreadsTapsByTheDilation) {
  Conv2d::Params p = nine();
  p.dilation = 2;
  EXPECT_EQ(result(p, {kNine, kTaps, {0}}), (Values{9731}));
}

TEST(Conv2d, ReadsChannelsLastAndFiltersFirst) {
  const Conv2d::Params p{.batch = 1, .height = 1, .width = 2, .channels = 2, .filters = 3};
  EXPECT_EQ(result(p, {{1, 2, 3, 4}, {1, 0, 0, 1, 1, 10}, {0, 0, 0.5}}), (Values{1, 2, 21.5, 3, 4, 43.5}));
}

TEST(Conv2d, AGroupReadsItsOwnChannels) {
  const Conv2d::Params p{.batch = 1, .height = 1, .width = 1, .channels = 4, .filters = 4, .groups = 2};
  EXPECT_EQ(result(p, {{1, 2, 3, 4}, {1, 10, 2, 20, 1, 10, 2, 20}, {0, 0, 0, 0}}), (Values{21, 42, 43, 86}));
}

TEST(Conv2d, ASecondPictureSeesNothingOfTheFirst) {
  Conv2d::Params p = nine();
  p.batch = 2;
  p.pad = {1, 1, 1, 1};
  Values two(18, 0);
  two[0] = 7;  // of the first alone
  const Values y = result(p, {two, kTaps, {0}});
  ASSERT_EQ(y.size(), 32u);
  EXPECT_EQ(y[0], 7000);
  for (std::size_t i = 16; i < 32; ++i) EXPECT_EQ(y[i], 0) << i;
}

TEST(Conv2d, AddsTheResidualOnTheSideOfTheActivationThatIsAskedFor) {
  Conv2d::Params p{.batch = 1, .height = 1, .width = 2, .channels = 1, .filters = 1};
  p.activation = Activation::relu;
  p.residual = Residual::before_activation;
  const std::vector<Values> inputs = {{1, -4}, {1}, {1}, {-5, 1}};
  EXPECT_EQ(result(p, inputs), (Values{0, 0}));
  p.residual = Residual::after_activation;
  EXPECT_EQ(result(p, inputs), (Values{-3, 1}));
}

TEST(Conv2d, CountsAllTapsAsPublishedFiguresDo) {
  // ResNet-50's first layer: 118,013,952 multiply-adds.
  const Conv2d op({.batch = 1,
                   .height = 224,
                   .width = 224,
                   .channels = 3,
                   .filters = 64,
                   .kernel_h = 7,
                   .kernel_w = 7,
                   .stride_h = 2,
                   .stride_w = 2,
                   .pad = {3, 3, 3, 3},
                   .type = DType::bf16});
  EXPECT_EQ(op.out_height(), 112);
  EXPECT_EQ(op.out_width(), 112);
  // Of 112 x 7 taps down the image 3 and 1 are above it, and 2 below: 778 are on it, and as many across.
  EXPECT_EQ(op.cost().flops, 2.0 * 64 * 3 * 778 * 778);
  EXPECT_EQ(op.cost().memory().read, 2.0 * (224 * 224 * 3 + 64 * 7 * 7 * 3 + 64));
  EXPECT_EQ(op.cost().memory().written, 2.0 * 112 * 112 * 64);
}

TEST(Conv2d, ReadsNoPixelThatItsStrideStepsOver) {
  Conv2d::Params p{.batch = 2,
                   .height = 57,
                   .width = 56,
                   .channels = 8,
                   .filters = 4,
                   .kernel_h = 1,
                   .kernel_w = 1,
                   .stride_h = 2,
                   .stride_w = 2};
  EXPECT_EQ(Conv2d(p).cost().memory().read, 4.0 * (2 * 29 * 28 * 8 + 4 * 8 + 4));
  p.kernel_h = p.kernel_w = 2;
  EXPECT_EQ(Conv2d(p).cost().memory().read, 4.0 * (2 * 56 * 56 * 8 + 4 * 2 * 2 * 8 + 4)) << "the last row";
  p.dilation = 2;
  EXPECT_EQ(Conv2d(p).cost().memory().read, 4.0 * (2 * 29 * 28 * 8 + 4 * 2 * 2 * 8 + 4)) << "even ones alone";
}

TEST(Conv2d, CountsAGroupsChannelsAndTheResidual) {
  const Conv2d op({.batch = 2,
                   .height = 4,
                   .width = 4,
                   .channels = 6,
                   .filters = 6,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .groups = 6,
                   .residual = Residual::before_activation});
  EXPECT_TRUE(op.depthwise());
  EXPECT_EQ(op.cost().flops, 2.0 * (2 * 2 * 2 * 6) * 9);
  EXPECT_EQ(op.cost().memory().read, 4.0 * (2 * 4 * 4 * 6 + 6 * 9 + 6 + 2 * 2 * 2 * 6));
}

TEST(Conv2d, SaysItsShapeInOneLineThatTellsOpsApart) {
  Conv2d::Params p = nine();
  EXPECT_EQ(Conv2d(p).shape(), "1x3x3x1 k1 2x2 f32");
  p.stride_h = p.stride_w = 2;
  p.pad = {1, 1, 1, 1};
  p.activation = Activation::silu;
  p.residual = Residual::after_activation;
  EXPECT_EQ(Conv2d(p).shape(), "1x3x3x1 k1 2x2 /2 p1 f32 +silu +residual");
  p.pad.right = 2;
  p.stride_w = 1;
  p.residual = Residual::before_activation;
  EXPECT_EQ(Conv2d(p).shape(), "1x3x3x1 k1 2x2 /2x1 p1x1x1x2 f32 +residual +silu");

  std::set<std::string> shapes;
  for (const auto& op : conv2d_examples()) EXPECT_TRUE(shapes.insert(op->shape()).second) << op->shape();
}

TEST(Conv2d, RefusesParametersThatMakeNoConvolution) {
  Conv2d::Params p = nine();
  p.kernel_h = 4;
  EXPECT_THROW(Conv2d{p}, std::logic_error);
  p = nine();
  p.groups = 2;
  EXPECT_THROW(Conv2d{p}, std::logic_error);
  p = nine();
  p.activation = Activation::gelu_erf;
  EXPECT_THROW(Conv2d{p}, std::logic_error);
}

class Conv2dTolerance : public testing::TestWithParam<DType> {};

/// An f32 sum with one rounding at the end passes; one that forgets its last tap of 576 does not.
TEST_P(Conv2dTolerance, PassesAnF32SumAndCatchesOneDroppedTap) {
  const Conv2d op({.batch = 1,
                   .height = 8,
                   .width = 8,
                   .channels = 64,
                   .filters = 16,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .type = GetParam()});
  const HostInputs inputs(op);
  const std::vector<double> expected = expected_of(op, inputs).values[0];
  const auto summed = [&](std::int64_t taps) {
    std::vector<double> y;
    for (std::int64_t unit = 0; unit < op.units(); ++unit) {
      const std::int64_t k = unit % 16, q = unit / 16 % 6, row = unit / 16 / 6;
      float sum = 0;
      for (std::int64_t t = 0; t < taps; ++t) {
        const std::int64_t c = t % 64, s = t / 64 % 3, r = t / 64 / 3;
        sum += static_cast<float>(inputs.at(0, ((row + r) * 8 + q + s) * 64 + c)) *
               static_cast<float>(inputs.at(1, k * 576 + t));
      }
      sum += static_cast<float>(inputs.at(2, k));
      std::uint32_t bits = 0;
      store_element(op.p.type, &bits, 0, static_cast<double>(sum));
      y.push_back(load_element(op.p.type, &bits, 0));
    }
    return y;
  };
  EXPECT_LE(worst_error(summed(576), expected), op.tolerance().value()) << op.tolerance().text();
  EXPECT_GT(worst_error(summed(575), expected), 2 * op.tolerance().value()) << op.tolerance().text();
}

INSTANTIATE_TEST_SUITE_P(Types, Conv2dTolerance, testing::Values(DType::f32, DType::bf16, DType::f16),
                         [](const auto& test) { return std::string(name(test.param)); });

}  // namespace
}  // namespace assay::conv2d_tests
