// SPDX-License-Identifier: Apache-2.0
// The small recommenders on the GPU, with the first kernels that serve: what torch gives.
#include "gpu/gpu.h"
#include "workloads/golden_recommender.h"

namespace assay::test::gpu_recommender_tests {
namespace {

class GpuRecommender : public Gpu {};

TEST_F(GpuRecommender, GivesTheScoresOfTorchInF32) {
  for (const std::string& name : kGoldenRecommenders)
    EXPECT_LT(golden_recommender_error(name, gpu_, "f32", "f32"), 1e-5) << name;
}

TEST_F(GpuRecommender, StaysNearTheScoresOfTorchInSixteenBitsAndWithTablesOnTheHost) {
  for (const std::string& name : kGoldenRecommenders) {
    EXPECT_LT(golden_recommender_error(name, gpu_, "f16", "f16"), 0.01) << name;
    EXPECT_LT(golden_recommender_error(name, gpu_, "bf16", "bf16", "host"), 0.05) << name;
  }
}

}  // namespace
}  // namespace assay::test::gpu_recommender_tests
