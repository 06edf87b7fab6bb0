// SPDX-License-Identifier: Apache-2.0
#include "kernels/embedding/embedding.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::embedding_tests {
namespace {

TEST(Embedding, LooksRowsUpAndScalesThem) {
  const Embedding op({.rows = 2, .vocab = 3, .width = 2, .type = DType::f32, .scale = 2});
  const Recorder y = expected_of(op, {{2, 0}, {1, 2, 3, 4, 5, 6}});
  EXPECT_EQ(y.values[0], (std::vector<double>{10, 12, 2, 4}));
}

TEST(Embedding, AddsThePositionAfterTheScale) {
  const Embedding op({.rows = 1, .vocab = 2, .width = 2, .type = DType::f32, .scale = 3, .positions = 2});
  const Recorder y = expected_of(op, {{0}, {1, 2, 0, 0}, {1}, {0, 0, 10, 20}});
  EXPECT_EQ(y.values[0], (std::vector<double>{13, 26}));
}

TEST(Embedding, CountsTheRowsReadAndNotTheTable) {
  const Cost cost = Embedding({.rows = 2, .vocab = 1000, .width = 8, .type = DType::bf16}).cost();
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.memory().read, 2 * 8 * 2 + 2 * 4);  // two rows of bf16, two ids
  EXPECT_EQ(cost.memory().written, 2 * 8 * 2);
}

TEST(Embedding, CountsARowOnceHoweverOftenItIsLookedUp) {
  Embedding::Params p{.rows = 100, .vocab = 40, .width = 8, .type = DType::f32, .positions = 30};
  const Cost all = Embedding(p).cost();
  EXPECT_EQ(all.memory().read, (40 + 30) * 8 * 4 + 2 * 100 * 4) << "no table has more rows";
  EXPECT_EQ(all.memory().written, 100 * 8 * 4);
  p.distinct_rows = 7;
  EXPECT_EQ(Embedding(p).cost().memory().read, (7 + 30) * 8 * 4 + 2 * 100 * 4);
  EXPECT_NE(Embedding(p).shape(), Embedding({.rows = 100, .vocab = 40, .width = 8, .positions = 30}).shape())
      << "ops of different costs are not one";
}

TEST(Embedding, CountsScaleAndPositions) {
  const Cost cost =
      Embedding({.rows = 2, .vocab = 9, .width = 8, .type = DType::f32, .scale = 3, .positions = 5}).cost();
  EXPECT_EQ(cost.flops, 2 * 16);
  EXPECT_EQ(cost.memory().read, 2 * (2 * 8 * 4 + 2 * 4));
}

TEST(Embedding, IsACopyThatAllowsNoErrorUnlessItComputes) {
  EXPECT_EQ(Embedding({.rows = 1, .vocab = 1, .width = 1}).tolerance().value(), 0);
  EXPECT_GT(Embedding({.rows = 1, .vocab = 1, .width = 1, .scale = 2}).tolerance().value(), 0);
}

}  // namespace
}  // namespace assay::embedding_tests
