// SPDX-License-Identifier: Apache-2.0
#include "kernels/kv_write/kv_write.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::kv_write_tests {
namespace {

std::vector<double> counting(std::int64_t from, std::int64_t count) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(from + i));
  return values;
}

TEST(KvWrite, PutsEachTokenInItsBlockAndChecksTheSlotsBesideIt) {
  // Two tokens, at 15 and 16, so in two blocks; the first block of the sequence is block 1 of the cache.
  const KvWrite op({.tokens = 2, .q_heads = 1, .cache = {1, 32, 1, 1, DType::f32}, .first_position = 15});
  const Recorder out =
      expected_of(op, {{5, 6, 7, 8, 9, 10}, {15, 16}, {1, 0}, counting(100, 32), counting(200, 32)});
  EXPECT_EQ(out.values[0][31], 6);  // k of the first: block 1, row 15
  EXPECT_EQ(out.values[1][31], 7);
  EXPECT_EQ(out.values[0][0], 9);  // k of the second: block 0, row 0
  EXPECT_EQ(out.values[1][0], 10);
  EXPECT_EQ(out.values[0][30], 130);  // as they were
  EXPECT_EQ(out.values[1][1], 201);
  EXPECT_EQ(std::count(out.times[0].begin(), out.times[0].end(), 1), 4);
  EXPECT_EQ(std::count(out.times[0].begin(), out.times[0].end(), 0), 28);
}

TEST(KvWrite, GivesAnUntouchedSlotBetweenTwoWrittenOnesToOneOfThem) {
  const KvWrite op({.tokens = 2, .q_heads = 1, .cache = {1, 16, 1, 1, DType::f32}});
  const Recorder out =
      expected_of(op, {{5, 6, 7, 8, 9, 10}, {3, 5}, {0}, counting(100, 16), counting(200, 16)});
  EXPECT_EQ(out.times[0], (std::vector<int>{0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(out.values[0][4], 104);
}

TEST(KvWrite, CountsNewRowsAndNotTheCache) {
  const Cost cost =
      KvWrite({.tokens = 4, .q_heads = 6, .cache = {2, 1000, 3, 8, DType::bf16}, .first_position = 15})
          .cost();
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.memory().written, 4 * 2 * 3 * 8 * 2);
  EXPECT_EQ(cost.memory().read,
            4 * 2 * 3 * 8 * 2 + 4 * 4 + 2 * 2 * 4);  // rows, positions, two blocks a sequence
}

TEST(KvWrite, MayKeepFewerBitsThanItIsGiven) {
  const KvWrite op({.tokens = 1, .q_heads = 1, .cache = {1, 16, 1, 2, DType::f32, DType::f8e4m3}});
  EXPECT_EQ(op.outputs()[0].dtype, DType::f8e4m3);
  EXPECT_GT(op.tolerance().value(), 0.05);
  EXPECT_EQ(op.cost().memory().read, 4 * 4 + 4 + 4);
  EXPECT_EQ(op.cost().memory().written, 4);
}

}  // namespace
}  // namespace assay::kv_write_tests
