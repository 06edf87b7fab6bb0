// SPDX-License-Identifier: Apache-2.0
// The small networks with their weights say on cuda-host what other implementations say, and a whole pass
// goes from JPEG files on the host to answers of the device.
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "images/jpeg_file.h"
#include "workloads/golden_vision.h"

namespace assay::test::vision_tests {
namespace {

TEST(VisionPipelines, SayWhatOtherImplementationsSayInF32) {
  for (const std::string& name : kGoldenVision) {
    CudaHost host("sm_80");
    EXPECT_LT(golden_vision_error(name, host.open, "f32"), 1e-4) << name;
  }
}

// bf16 keeps 8 bits, f16 11. What goes wrong goes wrong by tens of percent.
TEST(VisionPipelines, StayNearThemInSixteenBits) {
  for (const std::string name : {"resnet-basic", "vit"}) {
    CudaHost host("sm_90");
    EXPECT_LT(golden_vision_error(name, host.open, "f16"), 0.03) << name;
    EXPECT_LT(golden_vision_error(name, host.open, "bf16"), 0.2) << name;
  }
}

TEST(VisionPipelines, GoFromFilesOnTheHostToAnswersOfTheDevice) {
  const Json run = {
      {"workload", "vision"},
      {"model", load_json(test_source_dir() / "tests/golden/vision/yolox/expected.json")["model"]},
      {"dtype", "f32"},
      {"load", {{"batch", 2}, {"image", "50x40"}, {"candidates", 20}}}};
  const Plan plan = runs_of(run, "whole.json", all_workloads()).expand().at(0).make_plan();
  CudaHost host("sm_80");
  const FedLaneOf one(host.open);
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1);
  session.reset();
  for (std::size_t stage = 0; stage < plan.stages().size(); ++stage) session.run_stage(stage);
  one.lane->synchronize();
  const Exhibit& shown = *plan.exhibit;
  const std::vector<double> counts = session.read(*shown.count), scores = session.read(shown.scores);
  for (const double count : counts) {
    EXPECT_GT(count, 0) << "candidates are planted";
    EXPECT_LT(count, 20) << "they stand in clusters, so that some are suppressed";
  }
  EXPECT_GT(scores[0], 0.01);
}

}  // namespace
}  // namespace assay::test::vision_tests
