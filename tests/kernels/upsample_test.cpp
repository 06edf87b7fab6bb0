// SPDX-License-Identifier: Apache-2.0
#include "kernels/upsample/upsample.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::upsample_tests {
namespace {

TEST(Upsample, RepeatsEachPixelInBothDirections) {
  const Upsample op({.batch = 2, .height = 1, .width = 2, .channels = 1, .type = DType::f32});
  EXPECT_EQ(op.outputs()[0].shape, (Shape{2, 2, 4, 1}));
  EXPECT_EQ(expected_of(op, {{1, 2, 3, 4}}).values[0], (std::vector<double>{1, 1, 2, 2, 1, 1, 2, 2,  //
                                                                            3, 3, 4, 4, 3, 3, 4, 4}));
}

TEST(Upsample, KeepsThePixelsChannelsTogether) {
  const Upsample op({.batch = 1, .height = 1, .width = 1, .channels = 3, .factor = 2, .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2, 3}}).values[0],
            (std::vector<double>{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
}

TEST(Upsample, CountsBytesByHand) {
  const Cost cost = Upsample({.batch = 2, .height = 3, .width = 4, .channels = 5, .factor = 3}).cost();
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.memory().read, 2 * 12 * 5 * 2);
  EXPECT_EQ(cost.memory().written, 9 * 2 * 12 * 5 * 2);
}

}  // namespace
}  // namespace assay::upsample_tests
