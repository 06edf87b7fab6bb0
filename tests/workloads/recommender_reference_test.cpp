// SPDX-License-Identifier: Apache-2.0
// Small models of both families, loaded from their checkpoints and run by the CPU's kernels, give the scores
// of an implementation in torch (tests/peers/make_recommender_golden.py): for bags of any length, empty ones
// among them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json_file.h"
#include "base/safetensors.h"
#include "device/backend.h"
#include "device/cpu/cpu_device.h"
#include "measure/session.h"
#include "support/one_lane.h"
#include "support/source_dir.h"
#include "workloads/workload.h"

namespace assay::testing {
namespace {

class GoldenRecommenders : public ::testing::TestWithParam<std::string> {
 protected:
  /// The largest relative difference of a score.
  double error(const std::string& dtype, const std::string& rows) {
    const std::filesystem::path folder = test_source_dir() / "tests/golden/recommender" / GetParam();
    const Json expected = load_json(folder / "expected.json");
    const Json run = {{"workload", "recommender"},
                      {"model", expected["model"]},
                      {"dtype", dtype},
                      {"load", {{"batch", expected["batch"]}, {"rows", rows}}}};
    const Plan plan = runs_of(run, "golden.json", all_workloads()).expand().at(0).make_plan();
    const SafeTensors file = SafeTensors::open(folder / "model.safetensors");
    OpenDevice cpu{cpu_backend().open(0), cpu_backend().kernels};
    OneLaneOf one(cpu);
    Session session(plan, one.sites, first_kernels(plan, one.sites), 1,
                    std::make_shared<const WeightBlock>(plan, plan_memory(plan), one.sites, 1, &file));
    for (const char* input : {"dense", "ids", "offsets"})
      if (const auto value = plan.find(input))
        session.write(*value, expected[input].get<std::vector<double>>());
    session.run_stage(0);
    one.lane->synchronize();
    const std::vector<double> scores = session.read(plan.outputs.at(0).value);
    const auto right = expected["scores"].get<std::vector<double>>();
    if (scores.size() != right.size()) return INFINITY;
    double largest = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double difference = std::fabs(scores[i] - right[i]) / right[i];
      largest = std::isfinite(difference) ? std::max(largest, difference) : INFINITY;
    }
    return largest;
  }
};

TEST_P(GoldenRecommenders, GiveTheScoresOfTorchInF32) {
  EXPECT_LT(error("f32", "f32"), 1e-5);
}

// bf16 keeps 8 bits, f16 11. What goes wrong goes wrong by tens of percent.
TEST_P(GoldenRecommenders, StayNearTheScoresOfTorchInSixteenBits) {
  EXPECT_LT(error("f16", "f16"), 0.03);
  EXPECT_LT(error("bf16", "bf16"), 0.2);
  EXPECT_LT(error("f32", "bf16"), 0.15);
}

INSTANTIATE_TEST_SUITE_P(EveryModel, GoldenRecommenders,
                         ::testing::Values("dlrm-one-hot", "dlrm-bags", "dlrm-dcnv2-bags"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::testing
