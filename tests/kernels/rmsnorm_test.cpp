// SPDX-License-Identifier: Apache-2.0
#include "kernels/rmsnorm/rmsnorm.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::rmsnorm_tests {
namespace {

TEST(RmsNorm, DividesByTheRootMeanSquareOfTheRow) {
  const RmsNorm op({.rows = 2, .cols = 2, .type = DType::f32, .eps = 0});
  const Recorder y = expected_of(op, {{1, 7, -2, 14}, {1, 10}});  // mean squares 25 and 100
  EXPECT_DOUBLE_EQ(y.values[0][0], 0.2);
  EXPECT_DOUBLE_EQ(y.values[0][1], 14);
  EXPECT_DOUBLE_EQ(y.values[0][2], -0.2);
  EXPECT_DOUBLE_EQ(y.values[0][3], 14);
}

TEST(RmsNorm, AddsEpsUnderTheRoot) {
  const RmsNorm op({.rows = 1, .cols = 1, .type = DType::f32, .eps = 3});
  EXPECT_DOUBLE_EQ(expected_of(op, {{1}, {1}}).values[0][0], 0.5);  // 1 / sqrt(1 + 3)
}

TEST(RmsNorm, AddsTheResidualFirstAndHandsItOn) {
  const RmsNorm op(
      {.rows = 1, .cols = 2, .type = DType::f32, .residual = true, .eps = 0, .weight_offset = 1});
  const Recorder out = expected_of(op, {{1, 3}, {0, 1}, {0, 4}});  // s = 1, 7; mean square 25
  EXPECT_DOUBLE_EQ(out.values[0][0], 0.2);
  EXPECT_DOUBLE_EQ(out.values[0][1], 2.8);
  EXPECT_EQ(out.values[1], (std::vector<double>{1, 7}));
  EXPECT_EQ(op.outputs()[1].aliases_input, 2u);
}

TEST(RmsNorm, CountsFlopsAndBytesByHand) {
  const Cost plain = RmsNorm({.rows = 2, .cols = 3, .type = DType::f32}).cost();
  EXPECT_EQ(plain.flops, 4 * 6);
  EXPECT_EQ(plain.memory().read, (6 + 3) * 4);  // x and w
  EXPECT_EQ(plain.memory().written, 6 * 4);
  const Cost added = RmsNorm({.rows = 2, .cols = 3, .type = DType::bf16, .residual = true}).cost();
  EXPECT_EQ(added.flops, 5 * 6);
  EXPECT_EQ(added.memory().read, (6 + 3 + 6) * 2);
  EXPECT_EQ(added.memory().written, (6 + 6) * 2);  // y and s
}

TEST(RmsNorm, ScalesItsInputBeforeTheResidual) {
  const RmsNorm op({.rows = 1, .cols = 2, .type = DType::f32, .residual = true, .eps = 0, .scale = 0.5f});
  const Recorder out = expected_of(op, {{2, 6}, {1, 1}, {0, 4}});  // s = 1, 7; mean square 25
  EXPECT_DOUBLE_EQ(out.values[0][0], 0.2);
  EXPECT_EQ(out.values[1], (std::vector<double>{1, 7}));
}

}  // namespace
}  // namespace assay::rmsnorm_tests
