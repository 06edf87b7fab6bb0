// SPDX-License-Identifier: Apache-2.0
#include "kernels/interaction/interaction.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::interaction_tests {
namespace {

TEST(Interaction, PutsTheDenseVectorBeforeTheProductsOfTheLowerTriangle) {
  const Interaction op({.rows = 2, .tables = 2, .width = 2, .type = DType::f32});
  const Recorder y = expected_of(op, {{1, 2, 0, 1},                 //
                                      {3, 4, 5, 6, 7, 8, 9, 10}});  // two vectors of each row
  EXPECT_EQ(y.values[0], (std::vector<double>{1, 2, 11, 17, 39,     // (1,0), (2,0), (2,1)
                                              0, 1, 8, 10, 143}));
}

TEST(Interaction, CountsTheLowerTriangleAloneByHand) {
  const Interaction op({.rows = 2, .tables = 3, .width = 5, .type = DType::bf16});
  EXPECT_EQ(op.products(), 6);
  EXPECT_EQ(op.cost().flops, 2 * 2 * 6 * 5);
  EXPECT_EQ(op.cost().memory().read, 2 * 4 * 5 * 2);
  EXPECT_EQ(op.cost().memory().written, 2 * (5 + 6) * 2);
}

// 27 vectors of 128 make 351 products (Naumov et al. 2019 on Criteo's 26 tables), and 479 columns.
TEST(Interaction, HasThePublishedWidthForCriteo) {
  const Interaction op({.rows = 1, .tables = 26, .width = 128});
  EXPECT_EQ(op.products(), 351);
  EXPECT_EQ(op.columns(), 479);
}

}  // namespace
}  // namespace assay::interaction_tests
