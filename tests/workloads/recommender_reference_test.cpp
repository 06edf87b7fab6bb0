// SPDX-License-Identifier: Apache-2.0
// The recommenders, loaded from their checkpoints and run by the CPU's kernels, give the scores of torch.
#include <gtest/gtest.h>

#include <algorithm>

#include "device/backend.h"
#include "workloads/golden_recommender.h"

namespace assay::test::recommender_reference_tests {
namespace {

class GoldenRecommenders : public ::testing::TestWithParam<std::string> {
 protected:
  double error(const std::string& dtype, const std::string& rows, const std::string& place = "device") {
    OpenDevice cpu{cpu_backend().open(0), cpu_backend().kernels};
    return golden_recommender_error(GetParam(), cpu, dtype, rows, place);
  }
};

TEST_P(GoldenRecommenders, GiveTheScoresOfTorchInF32) {
  EXPECT_LT(error("f32", "f32"), 1e-5);
  EXPECT_LT(error("f32", "f32", "host"), 1e-5);
}

// bf16 keeps 8 bits, f16 11. What goes wrong goes wrong by tens of percent.
TEST_P(GoldenRecommenders, StayNearTheScoresOfTorchInSixteenBits) {
  EXPECT_LT(error("f16", "f16"), 0.01);
  EXPECT_LT(error("bf16", "bf16"), 0.05);
  EXPECT_LT(error("f32", "bf16"), 0.05);
}

INSTANTIATE_TEST_SUITE_P(EveryModel, GoldenRecommenders, ::testing::ValuesIn(kGoldenRecommenders),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::test::recommender_reference_tests
