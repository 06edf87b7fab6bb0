// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "support/poisoned_bags.h"

namespace assay::embedding_bag_tests {
namespace {

TEST(CudaEmbeddingBag, LeavesOutRowsThatNoTableHasAndLookupsThatThereAreNot) {
  const CudaHost host;
  expect_poisoned_bags_are_zero(*host.lane, host.open.kernels);
}

}  // namespace
}  // namespace assay::embedding_bag_tests
