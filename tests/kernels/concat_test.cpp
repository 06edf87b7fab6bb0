// SPDX-License-Identifier: Apache-2.0
#include "kernels/concat/concat.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay {
namespace {

TEST(Concat, PutsTheVectorsOfARowBehindTheLeftOne) {
  const Concat op({.rows = 2, .left = 1, .parts = 2, .width = 1, .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2}, {3, 4, 5, 6}}).values[0], (std::vector<double>{1, 3, 4, 2, 5, 6}));
}

TEST(Concat, CountsBytesByHand) {
  const Cost cost = Concat({.rows = 2, .left = 1, .parts = 1, .width = 2, .type = DType::bf16}).cost();
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.memory().read, 2 * 3 * 2);
  EXPECT_EQ(cost.memory().written, 2 * 3 * 2);
}

}  // namespace
}  // namespace assay
