// SPDX-License-Identifier: Apache-2.0
#include "kernels/concat/concat.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/host_op.h"

namespace assay::concat_tests {
namespace {

using Values = std::vector<double>;

TEST(Concat, PutsWhatInputsHoldOfARowSideBySide) {
  const Concat op({.rows = {2}, .parts = {{1}, {2, 1}}, .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2}, {3, 4, 5, 6}}).values[0], (Values{1, 3, 4, 2, 5, 6}));
}

TEST(Concat, JoinsTheChannelsOfImages) {
  const Concat op({.rows = {1, 2, 1}, .parts = {{1}, {2}, {1}}, .type = DType::f32});
  EXPECT_EQ(op.inputs()[1].shape, (Shape{1, 2, 1, 2}));
  EXPECT_EQ(op.outputs()[0].shape, (Shape{1, 2, 1, 4}));
  EXPECT_EQ(expected_of(op, {{1, 2}, {3, 4, 5, 6}, {7, 8}}).values[0], (Values{1, 3, 4, 7, 2, 5, 6, 8}));
}

TEST(Concat, KeepsTheShapesOfItsInputs) {
  const Concat op({.rows = {3}, .parts = {{4}, {2, 4}}});
  EXPECT_EQ(op.inputs()[0].shape, (Shape{3, 4}));
  EXPECT_EQ(op.inputs()[1].shape, (Shape{3, 2, 4}));
  EXPECT_EQ(op.shape(), "3x(4+2x4) bf16");
}

TEST(Concat, TakesTwoToEightInputs) {
  EXPECT_THROW(Concat({.rows = {3}, .parts = {{4}}}), std::logic_error);
  EXPECT_THROW(Concat({.rows = {3}, .parts = std::vector<Shape>(9, {1})}), std::logic_error);
}

TEST(Concat, CountsBytesByHand) {
  const Cost cost = Concat({.rows = {2}, .parts = {{1}, {1, 2}}, .type = DType::bf16}).cost();
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.memory().read, 2 * 3 * 2);
  EXPECT_EQ(cost.memory().written, 2 * 3 * 2);
}

}  // namespace
}  // namespace assay::concat_tests
