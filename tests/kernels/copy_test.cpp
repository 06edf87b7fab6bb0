// SPDX-License-Identifier: Apache-2.0
#include "kernels/copy/copy.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::copy_tests {
namespace {

TEST(Copy, GivesWhatItTakes) {
  const Copy op({.shape = {3}, .type = DType::u8, .to = Place::host});
  EXPECT_EQ(expected_of(op, {{0, 7, 255}}).values[0], (std::vector<double>{0, 7, 255}));
  EXPECT_EQ(op.shape(), "3 u8 to the host");
}

TEST(Copy, CrossesTheLinkOnceInItsDirection) {
  const Cost up = Copy({.shape = {4, 8}, .type = DType::bf16, .to = Place::device}).cost();
  EXPECT_EQ(up.moved(), (BytesByPath{{Path::host_link, 64}}));
  EXPECT_EQ(up.bytes.at(Path::host_link).read, 64);
  const Cost down = Copy({.shape = {4, 8}, .type = DType::bf16, .to = Place::host}).cost();
  EXPECT_EQ(down.bytes.at(Path::host_link).written, 64);
  EXPECT_EQ(down.flops, 0);
}

}  // namespace
}  // namespace assay::copy_tests
