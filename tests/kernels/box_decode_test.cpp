// SPDX-License-Identifier: Apache-2.0
#include "kernels/box_decode/box_decode.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/host_op.h"

namespace assay::box_decode_tests {
namespace {

using Values = std::vector<double>;

const double kLog2 = std::log(2.0), kLog3 = std::log(3.0);

// A level of 1 x 2 pixels and stride 8, one of a pixel and stride 16; two classes.
const BoxDecode kOp({.images = 1, .classes = 2, .levels = {{1, 2, 8}, {1, 1, 16}}, .type = DType::f32});

Recorder decoded() {
  return expected_of(kOp, {{0, 0, 0, 0, 0.5, 1, 0, kLog2},  // reg
                           {0, 0},                          // obj
                           {1, 0, 2, 2},                    // cls
                           {0.5, 0.5, 0, kLog2},
                           {kLog3},
                           {0, kLog3},
                           {0, kLog3, -kLog3}});
}

TEST(BoxDecode, PutsCentresOnTheGridAndRaisesSizes) {
  const Values boxes = decoded().values[0];
  // (0, 0) of 8 x 8; (1.5, 1) strides of 8 x 16; (0.5, 0.5) strides of 16 x 32.
  const Values right = {-4, -4, 4, 4, 8, 0, 16, 16, 0, -8, 16, 24};
  for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(boxes[i], right[i], 1e-5) << i;
}

TEST(BoxDecode, MultipliesObjectnessByTheBestClass) {
  const Values scores = decoded().values[1];
  EXPECT_NEAR(scores[0], 0.5 * 0.7310585786, 1e-9);
  EXPECT_NEAR(scores[1], 0.75 * 0.8807970780, 1e-7);  // prior log 3
  EXPECT_NEAR(scores[2], 0.5 * 0.75, 1e-7);           // log 3 - log 3
}

TEST(BoxDecode, NamesTheBestClassAndAnyOfEquals) {
  const Recorder y = decoded();
  EXPECT_EQ(y.choices[2].at(0), std::vector<std::int64_t>{0});
  EXPECT_EQ(y.choices[2].at(1), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(y.choices[2].at(2), std::vector<std::int64_t>{1});
}

TEST(BoxDecode, CountsAnchorsLevelAfterLevel) {
  const BoxDecode op({.images = 1, .classes = 80, .levels = {{80, 80, 8}, {40, 40, 16}, {20, 20, 32}}});
  EXPECT_EQ(op.first_anchor(1), 6400);
  EXPECT_EQ(op.first_anchor(2), 8000);
  EXPECT_EQ(op.anchors(), 8400);
}

TEST(BoxDecode, TakesOneToEightLevels) {
  EXPECT_THROW(BoxDecode({.images = 1, .classes = 1, .levels = {}}), std::logic_error);
  EXPECT_THROW(BoxDecode({.images = 1, .classes = 1, .levels = std::vector<BoxDecode::Level>(9, {1, 1, 8})}),
               std::logic_error);
}

TEST(BoxDecode, CountsByHand) {
  EXPECT_EQ(kOp.cost().flops, 3 * (2 + 24));
  EXPECT_EQ(kOp.cost().memory().read, 3 * (4 + 1 + 2) * 4 + 3 * 4);
  EXPECT_EQ(kOp.cost().memory().written, 3 * (4 + 1 + 1) * 4);
}

}  // namespace
}  // namespace assay::box_decode_tests
