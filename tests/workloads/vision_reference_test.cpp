// SPDX-License-Identifier: Apache-2.0
// Networks, loaded from their checkpoints and run by the CPU's kernels, say of an image what transformers,
// torchvision and a YOLOX in torch say (tests/peers/make_network_golden.py).
#include <gtest/gtest.h>

#include <algorithm>

#include "device/backend.h"
#include "workloads/golden_vision.h"

namespace assay::test::vision_reference_tests {
namespace {

class GoldenVision : public ::testing::TestWithParam<std::string> {
 protected:
  double error(const std::string& dtype) {
    OpenDevice cpu{cpu_backend().open(0), cpu_backend().kernels};
    return golden_vision_error(GetParam(), cpu, dtype);
  }
};

TEST_P(GoldenVision, SaysWhatOtherImplementationsSayInF32) {
  EXPECT_LT(error("f32"), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(EveryNetwork, GoldenVision, ::testing::ValuesIn(kGoldenVision),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::test::vision_reference_tests
