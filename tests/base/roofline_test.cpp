// SPDX-License-Identifier: Apache-2.0
#include "base/roofline.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(LeastTime, IsTheLargerOfComputeAndMemoryTime) {
  const LeastTime compute = least_time(1000, 50, {.flops_per_s = 1000, .bytes_per_s = 100});
  EXPECT_EQ(compute.compute_s, 1);
  EXPECT_EQ(compute.memory_s, 0.5);
  EXPECT_EQ(compute.seconds(), 1);
  EXPECT_FALSE(compute.by_memory());
  const LeastTime memory = least_time(100, 50, {.flops_per_s = 1000, .bytes_per_s = 100});
  EXPECT_EQ(memory.seconds(), 0.5);
  EXPECT_TRUE(memory.by_memory());
}

TEST(LeastTime, NeedsNoCeilingForNoWork) {
  EXPECT_EQ(least_time(0, 50, {.flops_per_s = {}, .bytes_per_s = 100}).seconds(), 0.5);
  EXPECT_EQ(least_time(10, 0, {.flops_per_s = 10, .bytes_per_s = {}}).seconds(), 1);
}

TEST(LeastTime, IsUnknownWhereWorkMeetsAnUnknownCeiling) {
  EXPECT_FALSE(least_time(1000, 50, {.flops_per_s = {}, .bytes_per_s = 100}).seconds());
  EXPECT_FALSE(least_time(1000, 50, {.flops_per_s = 0, .bytes_per_s = 100}).seconds());
  EXPECT_FALSE(least_time(1000, 50, {.flops_per_s = {}, .bytes_per_s = 100}).by_memory());
}

}  // namespace
}  // namespace assay
