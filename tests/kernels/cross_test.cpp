// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross/cross.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::cross_tests {
namespace {

TEST(Cross, MultipliesByTheFirstInputAndAddsTheLayersOwn) {
  const Cross op({.rows = 2, .cols = 2, .type = DType::f32});
  const Recorder y = expected_of(op, {{1, 2, 3, 4}, {5, 6, 7, 8}, {10, 20, 30, -32}});
  EXPECT_EQ(y.values[0], (std::vector<double>{15, 32, 51, 0}));
}

TEST(Cross, CountsFlopsAndBytesByHand) {
  const Cost cost = Cross({.rows = 2, .cols = 3, .type = DType::bf16}).cost();
  EXPECT_EQ(cost.flops, 2 * 6);
  EXPECT_EQ(cost.memory().read, 3 * 6 * 2);
  EXPECT_EQ(cost.memory().written, 6 * 2);
}

}  // namespace
}  // namespace assay::cross_tests
