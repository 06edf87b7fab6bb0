// SPDX-License-Identifier: Apache-2.0
#include "kernels/gated/gated.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::gated_tests {
namespace {

TEST(Gated, ActivatesTheFirstHalfAndMultipliesByTheSecond) {
  const Gated op({.rows = 2, .cols = 2, .type = DType::f32});
  const Recorder y = expected_of(op, {{1, 0, 2, 5,  //
                                       -1, 1, 1, -3}});
  EXPECT_NEAR(y.values[0][0], 2 * 0.7310585786, 1e-9);
  EXPECT_EQ(y.values[0][1], 0);
  EXPECT_NEAR(y.values[0][2], -0.2689414214, 1e-9);
  EXPECT_NEAR(y.values[0][3], -3 * 0.7310585786, 1e-9);
}

TEST(Gated, CountsFlopsAndBytesByHand) {
  const Cost cost = Gated({.rows = 2, .cols = 3, .type = DType::bf16}).cost();
  EXPECT_EQ(cost.flops, (4 + 1) * 6);  // silu is 4
  EXPECT_EQ(cost.memory().read, 12 * 2);
  EXPECT_EQ(cost.memory().written, 6 * 2);
}

// Gates and ups by turns; what lies beyond the limit counts as the limit.
TEST(Gated, BoundsGateAndUpWhereThereIsALimit) {
  const Gated op({.rows = 1, .cols = 3, .type = DType::f32, .limit = 2});
  const Recorder y = expected_of(op, {{0, 1, 5, 3, -1, -9}});
  EXPECT_EQ(y.values[0][0], 0);
  EXPECT_DOUBLE_EQ(y.values[0][1], 2 / (1 + std::exp(-1.702 * 2)) * 3);
  EXPECT_DOUBLE_EQ(y.values[0][2], -1 / (1 + std::exp(1.702)) * -1);
}

}  // namespace
}  // namespace assay::gated_tests
