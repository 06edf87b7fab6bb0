// SPDX-License-Identifier: Apache-2.0
// The small networks on the GPU, with the first kernels that serve: what other implementations say.
#include "gpu/gpu.h"
#include "workloads/golden_vision.h"

namespace assay::test::gpu_vision_tests {
namespace {

class GpuVision : public Gpu {};

TEST_F(GpuVision, SaysWhatOtherImplementationsSayInF32) {
  for (const std::string& name : kGoldenVision)
    EXPECT_LT(golden_vision_error(name, gpu_, "f32"), 1e-4) << name;
}

TEST_F(GpuVision, StaysNearThemInSixteenBits) {
  for (const std::string name : {"resnet-basic", "vit"}) {
    EXPECT_LT(golden_vision_error(name, gpu_, "f16"), 0.03) << name;
    EXPECT_LT(golden_vision_error(name, gpu_, "bf16"), 0.2) << name;
  }
}

}  // namespace
}  // namespace assay::test::gpu_vision_tests
