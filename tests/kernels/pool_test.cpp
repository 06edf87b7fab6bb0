// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/host_op.h"

namespace assay::pool_tests {
namespace {

using Values = std::vector<double>;

TEST(Pool, TakesTheLargestOfEachWindowOfItsChannel) {
  const Pool op({.batch = 1,
                 .height = 2,
                 .width = 4,
                 .channels = 2,
                 .kernel_h = 2,
                 .kernel_w = 2,
                 .stride_h = 2,
                 .stride_w = 2,
                 .type = DType::f32});
  const Values x = {1, -1, 2, -2, 3, -3, 4, -4,  //
                    5, -5, 0, -9, 1, -1, 2, -2};
  EXPECT_EQ(expected_of(op, {x}).values[0], (Values{5, -1, 4, -1}));
}

TEST(Pool, NeverTakesPaddingForAMaximum) {
  const Pool op({.batch = 1,
                 .height = 1,
                 .width = 3,
                 .channels = 1,
                 .kernel_h = 1,
                 .kernel_w = 3,
                 .left = 1,
                 .right = 1,
                 .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{-3, -2, -1}}).values[0], (Values{-2, -1, -1}));
}

TEST(Pool, DividesAMeanByThePixelsThatExist) {
  const Pool op({.batch = 1,
                 .height = 1,
                 .width = 3,
                 .channels = 1,
                 .kind = Pooling::average,
                 .kernel_h = 1,
                 .kernel_w = 3,
                 .left = 1,
                 .right = 1,
                 .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 3, 8}}).values[0], (Values{2, 4, 5.5}));
}

TEST(Pool, PadsEachSideByItself) {
  const Pool op({.batch = 1,
                 .height = 3,
                 .width = 1,
                 .channels = 1,
                 .kernel_h = 3,
                 .stride_h = 2,
                 .bottom = 2,
                 .type = DType::f32});
  EXPECT_EQ(op.outputs()[0].shape, (Shape{1, 2, 1, 1}));
  EXPECT_EQ(expected_of(op, {{9, 1, 2}}).values[0], (Values{9, 2}));
}

TEST(Pool, AveragesAWholeImageToARow) {
  const Pool op({.batch = 2,
                 .height = 1,
                 .width = 2,
                 .channels = 2,
                 .kind = Pooling::global_average,
                 .type = DType::f32});
  EXPECT_EQ(op.outputs()[0].shape, (Shape{2, 2}));
  EXPECT_EQ(expected_of(op, {{1, 10, 3, 20, -1, 0, 1, 4}}).values[0], (Values{2, 15, 0, 2}));
}

TEST(Pool, HasNoWindowOfPaddingAlone) {
  EXPECT_THROW(Pool({.batch = 1, .height = 1, .width = 1, .channels = 1, .kernel_h = 2, .top = 2}),
               std::logic_error);
}

TEST(Pool, CountsBothPassesAndBytesByHand) {
  const Cost cost = Pool({.batch = 2,
                          .height = 4,
                          .width = 4,
                          .channels = 3,
                          .kernel_h = 3,
                          .kernel_w = 2,
                          .stride_h = 2,
                          .stride_w = 2,
                          .top = 1})
                        .cost();
  EXPECT_EQ(cost.flops, (3 + 2) * 2 * 2 * 2 * 3);  // 2 x 2 pixels of each image
  EXPECT_EQ(cost.memory().read, 2 * 16 * 3 * 2);
  EXPECT_EQ(cost.memory().written, 2 * 4 * 3 * 2);
}

TEST(Pool, CountsAGlobalMeanByHand) {
  const Cost cost =
      Pool({.batch = 2, .height = 4, .width = 5, .channels = 3, .kind = Pooling::global_average}).cost();
  EXPECT_EQ(cost.flops, 20 * 2 * 3);
  EXPECT_EQ(cost.memory().written, 2 * 3 * 2);
}

}  // namespace
}  // namespace assay::pool_tests
