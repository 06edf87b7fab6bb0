// SPDX-License-Identifier: Apache-2.0
#include "inspect/inspect.h"

#include <gtest/gtest.h>

#include "support/test_plan.h"

namespace assay::inspect_tests {
namespace {

TEST(Inspect, CountsAPlanWithNoDevice) {
  const Inspection found = inspect_plan(test_plan());
  EXPECT_EQ(found.architecture, "TestForNothing");
  EXPECT_EQ(found.parameters.total, 32);
  EXPECT_EQ(found.weight_bytes, 4 * kTestElements);
  ASSERT_EQ(found.stages.size(), 2u);
  const StageInspection& load = found.stages[0];
  ASSERT_EQ(load.ops.size(), 1u);  // three steps of one label and op
  EXPECT_EQ(load.ops[0].calls, 3);
  EXPECT_EQ(load.flops, 3 * load.ops[0].flops);
  EXPECT_EQ(load.bytes_read + load.bytes_written, 3 * load.ops[0].bytes.at(Path::memory));
  EXPECT_EQ(load.bytes, (BytesByPath{{Path::memory, load.bytes_read + load.bytes_written}}));
  EXPECT_FALSE(found.fits);
  EXPECT_FALSE(found.roofline_seconds);
  const Json json = JsonWriter::write(found);
  EXPECT_EQ(json["stages"][0]["ops"][0]["bytes"]["memory"], load.ops[0].bytes.at(Path::memory));
}

}  // namespace
}  // namespace assay::inspect_tests
