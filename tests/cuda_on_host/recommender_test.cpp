// SPDX-License-Identifier: Apache-2.0
// The small recommenders with their weights give on cuda-host what torch gives.
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "workloads/golden_recommender.h"

namespace assay::test::recommender_tests {
namespace {

TEST(RecommenderPipelines, GiveTheScoresOfTorchInF32) {
  for (const std::string& name : kGoldenRecommenders) {
    CudaHost host("sm_80");
    EXPECT_LT(golden_recommender_error(name, host.open, "f32", "f32"), 1e-5) << name;
  }
}

TEST(RecommenderPipelines, StayNearTheScoresOfTorchInSixteenBits) {
  for (const std::string& name : kGoldenRecommenders) {
    CudaHost host("sm_90");
    EXPECT_LT(golden_recommender_error(name, host.open, "f16", "f16"), 0.01) << name;
    EXPECT_LT(golden_recommender_error(name, host.open, "bf16", "bf16", "host"), 0.05) << name;
  }
}

}  // namespace
}  // namespace assay::test::recommender_tests
