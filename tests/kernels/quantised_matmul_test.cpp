// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantised_matmul/quantised_matmul.h"

#include <gtest/gtest.h>

#include "kernels/quantised_embedding/quantised_embedding.h"
#include "support/host_op.h"

namespace assay::quantised_matmul_tests {
namespace {

const WeightFormat kInt8 = {.name = "int8", .is_signed = true, .multiplied = DType::i8};

TEST(QuantisedMatMul, MultipliesWithWhatTheBitsMean) {
  const QuantisedMatMul op({.m = 1, .n = 2, .k = 2, .type = DType::f32, .format = kInt8, .bias = true});
  // w: [1, -1] * 0.5 and [2, 3] * 2
  const Recorder y = expected_of(op, HostInputs(op, {{3, 5}, {1, 255, 2, 3}, {0.5, 2}, {100, 200}}));
  EXPECT_EQ(y.values[0], (std::vector<double>{99, 242}));
}

TEST(QuantisedMatMul, CountsTheBytesThatAreStored) {
  const QuantisedMatMul op({.m = 3, .n = 16, .k = 32, .type = DType::bf16, .format = kInt8});
  EXPECT_EQ(op.dtype(), DType::i8);  // of the products
  EXPECT_EQ(op.cost().flops, 2.0 * 3 * 16 * 32);
  EXPECT_EQ(op.cost().memory().read, 3 * 32 * 2 + 16 * 32 + 16 * 4);
  EXPECT_EQ(op.cost().memory().written, 3 * 16 * 2);
  const QuantisedMatMul widened(
      {.m = 3, .n = 16, .k = 32, .type = DType::bf16, .format = weight_format("int4 in groups")});
  EXPECT_EQ(widened.dtype(), DType::bf16);
}

TEST(QuantisedEmbedding, TakesRowsAndTheirScales) {
  const QuantisedEmbedding op(
      {.rows = 2, .vocab = 3, .width = 2, .type = DType::f32, .format = kInt8, .scale = 10});
  const Recorder y = expected_of(op, HostInputs(op, {{2, 0}, {1, 2, 3, 4, 5, 6}, {1, 1, 0.5}}));
  EXPECT_EQ(y.values[0], (std::vector<double>{25, 30, 10, 20}));
  // Ids, two rows of two bytes and a scale each.
  EXPECT_EQ(op.cost().memory().read, 2 * 4 + 2 * (2 + 4));
}

}  // namespace
}  // namespace assay::quantised_matmul_tests
