// SPDX-License-Identifier: Apache-2.0
#include "kernels/layernorm/layernorm.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::layernorm_tests {
namespace {

TEST(LayerNorm, TakesMeanAndPopulationVarianceOut) {
  const LayerNorm op({.rows = 1, .cols = 2, .type = DType::f32, .eps = 0});
  // mean 5, variance 4: -1 and 1 before w and b
  EXPECT_EQ(expected_of(op, {{3, 7}, {10, 20}, {1, 2}}).values[0], (std::vector<double>{-9, 22}));
}

TEST(LayerNorm, AddsEpsUnderTheRoot) {
  const LayerNorm op({.rows = 1, .cols = 2, .type = DType::f32, .eps = 12});
  EXPECT_EQ(expected_of(op, {{3, 7}, {1, 1}, {0, 0}}).values[0],
            (std::vector<double>{-0.5, 0.5}));  // 2 / sqrt(16)
}

TEST(LayerNorm, AddsTheResidualFirstAndHandsItOn) {
  const LayerNorm op({.rows = 1, .cols = 2, .type = DType::f32, .residual = true, .eps = 0});
  const Recorder out = expected_of(op, {{1, 2}, {1, 1}, {0, 0}, {2, 5}});  // s = 3, 7
  EXPECT_EQ(out.values[0], (std::vector<double>{-1, 1}));
  EXPECT_EQ(out.values[1], (std::vector<double>{3, 7}));
  EXPECT_EQ(op.outputs()[1].aliases_input, 3u);
}

TEST(LayerNorm, CountsFlopsAndBytesByHand) {
  const Cost plain = LayerNorm({.rows = 2, .cols = 3, .type = DType::f32}).cost();
  EXPECT_EQ(plain.flops, 7 * 6);
  EXPECT_EQ(plain.memory().read, (6 + 3 + 3) * 4);
  EXPECT_EQ(plain.memory().written, 6 * 4);
  const Cost added = LayerNorm({.rows = 2, .cols = 3, .type = DType::bf16, .residual = true}).cost();
  EXPECT_EQ(added.flops, 8 * 6);
  EXPECT_EQ(added.memory().read, (6 + 3 + 3 + 6) * 2);
  EXPECT_EQ(added.memory().written, (6 + 6) * 2);
}

}  // namespace
}  // namespace assay::layernorm_tests
