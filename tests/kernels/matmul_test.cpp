// SPDX-License-Identifier: Apache-2.0
#include "kernels/matmul/matmul.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::matmul_tests {
namespace {

TEST(MatMul, AllowsForWhatAnActivationMakesOfARoundingBeforeIt) {
  for (const Activation activation :
       {Activation::none, Activation::relu, Activation::silu, Activation::gelu_tanh, Activation::gelu_erf,
        Activation::softcap, Activation::sigmoid}) {
    double most = 0;
    constexpr double kStep = 1e-6;
    for (double x = 0.01; x < 8; x += 0.001) {
      const double y = activate(activation, x, 30);
      most = std::max(most, std::abs(activate(activation, x * (1 + kStep), 30) - y) / (kStep * y));
    }
    EXPECT_LT(most, amplification(activation) * 1.001) << name(activation);
    if (amplification(activation) > 1) {
      EXPECT_GT(most, amplification(activation) * 0.998) << name(activation);
    }
  }
}

TEST(MatMul, MultipliesByRowsOfTheWeights) {
  const MatMul op({.m = 1, .n = 2, .k = 2, .type = DType::f32, .out = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2}, {3, 4, 5, -6}}).values[0], (std::vector<double>{11, -7}));
}

TEST(MatMul, AddsBiasThenActivatesThenAddsResidual) {
  const MatMul op({.m = 1,
                   .n = 2,
                   .k = 2,
                   .type = DType::f32,
                   .out = DType::f32,
                   .bias = true,
                   .activation = Activation::relu,
                   .residual = true});
  const Recorder y = expected_of(op, {{1, 2}, {3, 4, 5, -6}, {1, 1}, {1, 2}});
  EXPECT_EQ(y.values[0], (std::vector<double>{13, 2}));  // 11 + 1 + 1, relu(-7 + 1) + 2
}

TEST(MatMul, ScalesFp8BeforeTheBias) {
  const MatMul op({.m = 1, .n = 1, .k = 2, .type = DType::f8e4m3, .out = DType::bf16, .bias = true});
  const Recorder y = expected_of(op, {{1, 2}, {3, 4}, {1}, {2}, {0.25}});
  EXPECT_EQ(y.values[0][0], 11 * 0.5 + 1);
}

TEST(MatMul, KnowsTheActivations) {
  EXPECT_EQ(activate(Activation::none, -3), -3);
  EXPECT_EQ(activate(Activation::relu, -3), 0);
  EXPECT_NEAR(activate(Activation::silu, 1), 0.7310585786, 1e-10);        // 1 / (1 + 1/e)
  EXPECT_NEAR(activate(Activation::gelu_erf, 1), 0.8413447461, 1e-10);    // the normal distribution at 1
  EXPECT_NEAR(activate(Activation::gelu_tanh, 1), 0.8411919906, 1e-10);   // torch gelu(1, "tanh")
  EXPECT_NEAR(activate(Activation::softcap, 2, 2), 1.5231883119, 1e-10);  // 2 tanh(1)
  EXPECT_NEAR(activate(Activation::sigmoid, 1), 0.7310585786, 1e-10);
  EXPECT_EQ(activate(Activation::silu, -1e4), 0);
  EXPECT_EQ(activate(Activation::sigmoid, -1e4), 0);
}

TEST(MatMul, CountsFlopsAndBytesByHand) {
  const Cost cost =
      MatMul({.m = 2, .n = 3, .k = 4, .type = DType::bf16, .out = DType::f32, .bias = true}).cost();
  EXPECT_EQ(cost.flops, 2 * 2 * 3 * 4);
  EXPECT_EQ(cost.memory().read, 2 * 4 * 2 + 3 * 4 * 2 + 3 * 4);  // x, w in bf16, bias in f32
  EXPECT_EQ(cost.memory().written, 2 * 3 * 4);
}

TEST(MatMul, SaysItsShapeInOneLine) {
  EXPECT_EQ(MatMul({.m = 512, .n = 4864, .k = 896, .bias = true}).shape(), "512x4864x896 bf16 +bias");
  EXPECT_EQ(MatMul({.m = 1,
                    .n = 2,
                    .k = 3,
                    .out = DType::f32,
                    .activation = Activation::softcap,
                    .cap = 30,
                    .residual = true})
                .shape(),
            "1x2x3 bf16->f32 +softcap 30 +residual");
}

/// A kernel as they are: products summed in f32 in the order of k, one rounding at the end.
std::vector<double> straight_sum(const MatMul& op, const std::vector<TensorView>& in, std::int64_t k_end) {
  std::vector<double> y;
  for (std::int64_t m = 0; m < op.p.m; ++m)
    for (std::int64_t n = 0; n < op.p.n; ++n) {
      float sum = 0;
      for (std::int64_t k = 0; k < k_end; ++k)
        sum += static_cast<float>(in[0][m * op.p.k + k]) * static_cast<float>(in[1][n * op.p.k + k]);
      y.push_back(stored(op.p.out, static_cast<double>(sum)));
    }
  return y;
}

class MatMulTolerance : public testing::TestWithParam<DType> {};

TEST_P(MatMulTolerance, PassesAnF32SumAndCatchesOneDroppedProduct) {
  const DType type = GetParam();
  const DType out = type == DType::tf32 ? DType::f32 : type == DType::f8e4m3 ? DType::bf16 : type;
  MatMul::Params params{.m = 8, .n = 100, .k = 896, .type = type, .out = out};
  const MatMul op(params);
  const HostInputs inputs(op);
  std::vector<TensorView> views = inputs.views();
  std::vector<double> expected = expected_of(op, inputs).values[0];
  if (type == DType::f8e4m3)  // straight_sum leaves the scales out; the error is relative
    for (double& e : expected) e /= views[2][0] * views[3][0];
  EXPECT_LE(worst_error(straight_sum(op, views, 896), expected), op.tolerance().value())
      << op.tolerance().text();
  EXPECT_GT(worst_error(straight_sum(op, views, 895), expected), 2 * op.tolerance().value())
      << op.tolerance().text();
}

INSTANTIATE_TEST_SUITE_P(Types, MatMulTolerance,
                         testing::Values(DType::f32, DType::tf32, DType::f16, DType::bf16, DType::f8e4m3),
                         [](const auto& test) { return std::string(name(test.param)); });

TEST(MatMul, ToleranceTellsTheTwoGelusApart) {
  const MatMul op(
      {.m = 8, .n = 96, .k = 64, .type = DType::f32, .out = DType::f32, .activation = Activation::gelu_tanh});
  MatMul::Params other = op.p;
  other.activation = Activation::gelu_erf;
  const HostInputs inputs(op);
  const double error =
      worst_error(expected_of(MatMul(other), inputs).values[0], expected_of(op, inputs).values[0]);
  EXPECT_GT(error, 10 * op.tolerance().value());
}

}  // namespace
}  // namespace assay::matmul_tests
