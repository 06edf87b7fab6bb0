// SPDX-License-Identifier: Apache-2.0
#include "kernels/top_k/top_k.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/expect_error.h"
#include "support/host_op.h"

namespace assay::top_k_tests {
namespace {

// Probabilities 1/8, 2/8, 5/8; a second row of equals.
const std::vector<double> kLogits = {std::log(1.0), std::log(5.0), std::log(2.0), 4, 4, 4};

TopK op_of(std::int64_t k) {
  return TopK({.rows = 2, .classes = 3, .k = k, .type = DType::f32});
}

std::string said_of(const std::vector<std::int32_t>& classes, std::int64_t row) {
  const TopK op = op_of(2);
  const HostInputs inputs(op, {kLogits});
  const std::vector<float> probabilities(4, 0);
  const TensorView out[] = {{probabilities.data(), DType::f32, 4}, {classes.data(), DType::i32, 4}};
  return op.objection(inputs.views(), out, row);
}

TEST(TopK, GivesTheProbabilitiesOfTheBestFromTheBestDown) {
  const Recorder y = expected_of(op_of(2), {kLogits});
  EXPECT_NEAR(y.values[0][0], 5.0 / 8, 1e-7);
  EXPECT_NEAR(y.values[0][1], 2.0 / 8, 1e-7);
  EXPECT_NEAR(y.values[0][2], 1.0 / 3, 1e-12);
  EXPECT_NEAR(y.values[0][3], 1.0 / 3, 1e-12);
}

TEST(TopK, AcceptsEqualsInAnyOrder) {
  EXPECT_EQ(said_of({1, 2, 0, 2}, 0), "");
  EXPECT_EQ(said_of({1, 2, 0, 2}, 1), "");
  EXPECT_EQ(said_of({1, 2, 2, 1}, 1), "");
}

TEST(TopK, ObjectsToClassesThatAreWorseTwiceThereOrNone) {
  ASSAY_EXPECT_HAS(said_of({1, 0, 0, 1}, 0), "row 0 place 1: class 0 has the logit");
  ASSAY_EXPECT_HAS(said_of({2, 1, 0, 1}, 0), "row 0 place 0: class 2 has the logit");
  ASSAY_EXPECT_HAS(said_of({1, 2, 2, 2}, 1), "row 1 place 1: class 2 stands there twice");
  ASSAY_EXPECT_HAS(said_of({1, 3, 0, 1}, 0), "row 0 place 1: class 3 of 3");
  ASSAY_EXPECT_HAS(said_of({-1, 2, 0, 1}, 0), "row 0 place 0: class -1 of 3");
}

TEST(TopK, TakesNoMoreThanThereAre) {
  EXPECT_THROW(op_of(4), std::logic_error);
  EXPECT_THROW(op_of(0), std::logic_error);
}

TEST(TopK, CountsByHand) {
  const Cost cost = TopK({.rows = 2, .classes = 100, .k = 5}).cost();
  EXPECT_EQ(cost.flops, 4 * 200);
  EXPECT_EQ(cost.memory().read, 200 * 2);
  EXPECT_EQ(cost.memory().written, 2 * 5 * (4 + 4));
}

}  // namespace
}  // namespace assay::top_k_tests
