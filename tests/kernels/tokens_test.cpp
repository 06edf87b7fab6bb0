// SPDX-License-Identifier: Apache-2.0
#include "kernels/tokens/tokens.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::tokens_tests {
namespace {

TEST(Tokens, PutTheClassTokenFirstAndAddPositions) {
  const Tokens op({.images = 2, .patches = 2, .width = 1, .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2, 3, 4}, {9}, {10, 20, 30}}).values[0],
            (std::vector<double>{19, 21, 32, 19, 23, 34}));
}

TEST(Tokens, CountAnAdditionAnElementAndBytesByHand) {
  const Cost cost = Tokens({.images = 2, .patches = 3, .width = 5}).cost();
  EXPECT_EQ(cost.flops, 2 * 4 * 5);
  EXPECT_EQ(cost.memory().read, (2 * 3 * 5 + 5 + 4 * 5) * 2);
  EXPECT_EQ(cost.memory().written, 2 * 4 * 5 * 2);
}

}  // namespace
}  // namespace assay::tokens_tests
