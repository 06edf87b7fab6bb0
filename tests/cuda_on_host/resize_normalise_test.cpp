// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "support/poisoned_pictures.h"

namespace assay::resize_normalise_tests {
namespace {

TEST(CudaResizeNormalise, ReadsNothingOfSizesThatNoPictureHas) {
  const CudaHost host;
  expect_poisoned_pictures_are_padding(*host.lane, host.open.kernels);
}

}  // namespace
}  // namespace assay::resize_normalise_tests
