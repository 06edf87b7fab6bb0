// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::rope_tests {
namespace {

TEST(Rope, RotatesHalvesOfQueryAndKeyAndLeavesTheValue) {
  const Rope op(
      {.tokens = 1, .q_heads = 1, .kv_heads = 1, .head_dim = 4, .positions = 2, .type = DType::f32});
  // Position 1: pair 0 by (cos 0, sin 1), a quarter turn; pair 1 by (cos 3, sin 2).
  const Recorder out = expected_of(op, {{1, 2, 5, 7, 3, 1, 4, 0, 9, 8, 7, 6}, {1}, {9, 9, 9, 9, 0, 1, 3, 2}});
  EXPECT_EQ(out.values[0], (std::vector<double>{-5, 2 * 3 - 7 * 2, 1, 7 * 3 + 2 * 2,  //
                                                -4, 1 * 3 - 0 * 2, 3, 0 * 3 + 1 * 2,  //
                                                9, 8, 7, 6}));
  EXPECT_EQ(op.outputs()[0].aliases_input, 0u);
}

TEST(Rope, NormalisesQueryAndKeyHeadsFirstWithWeightsOfTheirOwn) {
  const Rope op({.tokens = 1,
                 .q_heads = 1,
                 .kv_heads = 1,
                 .head_dim = 2,
                 .positions = 1,
                 .type = DType::f32,
                 .qk_norm = true,
                 .eps = 0});
  // (1, 7) has mean square 25: (0.2, 1.4), times the weights.
  const Recorder out = expected_of(op, {{1, 7, 1, 7, 1, 7}, {0}, {1, 0}, {5, 10}, {10, 5}});
  EXPECT_DOUBLE_EQ(out.values[0][0], 1);
  EXPECT_DOUBLE_EQ(out.values[0][1], 14);
  EXPECT_DOUBLE_EQ(out.values[0][2], 2);
  EXPECT_DOUBLE_EQ(out.values[0][3], 7);
  EXPECT_EQ(out.values[0][4], 1);
  EXPECT_EQ(out.values[0][5], 7);
}

TEST(Rope, CountsRotatedHeadsAndTheRowsOfTheTable) {
  const Rope::Params p{.tokens = 3, .q_heads = 2, .kv_heads = 1, .head_dim = 4, .positions = 100};
  const Cost cost = Rope(p).cost();
  EXPECT_EQ(cost.flops, 3 * 3 * 2 * 6);                              // tokens, heads, pairs, 6 a pair
  EXPECT_EQ(cost.memory().read, 3 * 3 * 4 * 2 + 3 * 4 + 3 * 4 * 4);  // heads, positions, 3 rows of 4 f32
  EXPECT_EQ(cost.memory().written, 3 * 3 * 4 * 2);                   // no value heads
}

TEST(Rope, RotatesThePartOfAHeadThatItIsToldTo) {
  const Rope op({.tokens = 1,
                 .q_heads = 1,
                 .kv_heads = 1,
                 .head_dim = 4,
                 .positions = 1,
                 .type = DType::f32,
                 .rotary = 2});
  const Recorder out = expected_of(op, {{1, 2, 5, 7, 3, 1, 4, 0, 9, 8, 7, 6}, {0}, {0, 1}});
  EXPECT_EQ(out.values[0], (std::vector<double>{-2, 1, 5, 7, -1, 3, 4, 0, 9, 8, 7, 6}));
  EXPECT_EQ(op.cost().flops, 3 * 2 * 2);
}

TEST(Rope, AddsTheOffsetOfNormsThatAreStoredAsOneLess) {
  const Rope op({.tokens = 1,
                 .q_heads = 1,
                 .kv_heads = 1,
                 .head_dim = 2,
                 .positions = 1,
                 .type = DType::f32,
                 .qk_norm = true,
                 .eps = 0,
                 .norm_offset = 1});
  const Recorder out = expected_of(op, {{1, 7, 1, 7, 1, 7}, {0}, {1, 0}, {4, 9}, {9, 4}});
  EXPECT_DOUBLE_EQ(out.values[0][0], 1);
  EXPECT_DOUBLE_EQ(out.values[0][1], 14);
}

}  // namespace
}  // namespace assay::rope_tests
