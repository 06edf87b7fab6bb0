// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "support/nms_cases.h"

namespace assay::nms_tests {
namespace {

TEST(CudaNms, KeepsWhatTorchvisionKeeps) {
  const CudaHost host;
  expect_what_torchvision_keeps(*host.lane, host.open.kernels);
}

}  // namespace
}  // namespace assay::nms_tests
