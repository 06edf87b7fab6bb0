// SPDX-License-Identifier: Apache-2.0
#include "measure/outputs.h"

#include <gtest/gtest.h>

#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_plan.h"

namespace assay::outputs_tests {
namespace {

constexpr std::array kKernels = {KernelEntry{"scale", "right", "", make_test_kernel<Fault::none>},
                                 KernelEntry{"step", "right", "", make_test_kernel<Fault::none>}};
constexpr std::array kBroken = {KernelEntry{"scale", "nan", "", make_test_kernel<Fault::nan>},
                                KernelEntry{"step", "right", "", make_test_kernel<Fault::none>}};

OutputPass pass_of(const Plan& plan, KernelTable table, std::uint64_t seed = 1, Watch watch = {}) {
  OpenDevice open{std::make_unique<FakeDevice>(), table};
  const OneLaneOf one(open);
  Session session(plan, one.sites, first_kernels(plan, one.sites), seed);
  return run_output_pass(session, watch);
}

TEST(OutputPass, ReadsEachOutputAfterTheFirstIterationOfItsStage) {
  const Plan plan = test_plan();
  const OutputPass pass = pass_of(plan, kKernels);
  EXPECT_EQ(pass.problem, "");
  EXPECT_TRUE(pass.times.whole);
  EXPECT_EQ(pass.times.seconds[1].size(), 4u);
  // last = 2 loaded + 1, element by element; the places are drawn by name, so moments are compared.
  const OutputResult &loaded = pass.outputs.at("loaded"), &last = pass.outputs.at("last");
  EXPECT_NEAR(last.mean, 2 * loaded.mean + 1, 1e-5);
  EXPECT_DOUBLE_EQ(last.tolerance, 1e-6);
}

TEST(OutputPass, APinnedStateIsFedFromTheSeedAndNotFromWhatWentBefore) {
  Plan plan = test_plan();
  plan.outputs[1].pins = {{*plan.find("s"), Fill::normal(3)}};
  const OutputPass pinned = pass_of(plan, kKernels), again = pass_of(plan, kKernels);
  const OutputPass free = pass_of(test_plan(), kKernels);
  EXPECT_EQ(pinned.outputs.at("loaded").values, free.outputs.at("loaded").values)
      << "before it nothing differs";
  EXPECT_NE(pinned.outputs.at("last").values, free.outputs.at("last").values);
  EXPECT_EQ(pinned.outputs.at("last").values, again.outputs.at("last").values);
}

TEST(OutputPass, AnOutputThatIsNoNumberIsNamed) {
  const OutputPass pass = pass_of(test_plan(), kBroken);
  EXPECT_EQ(pass.problem.find("output loaded of the whole plan is nan at element "), 0u) << pass.problem;
}

/// s as scores, p as classes: 32 of them, 0, 1, 2 ... of which the first step adds 1 to the even ones.
Plan with_exhibit() {
  Plan plan = test_plan();
  const auto jpeg =
      std::make_shared<const std::vector<std::uint8_t>>(std::vector<std::uint8_t>{'f', 'o', 'o'});
  plan.exhibit = {.stage = "load",
                  .jpeg = jpeg,
                  .width = 40,
                  .height = 30,
                  .scores = *plan.find("s"),
                  .classes = *plan.find("p")};
  return plan;
}

TEST(OutputPass, ShowsAPictureWithTheFirstOfWhatWasFound) {
  const OutputPass pass = pass_of(with_exhibit(), kKernels);
  ASSERT_TRUE(pass.picture);
  EXPECT_EQ(pass.picture->jpeg_base64, "Zm9v");
  EXPECT_EQ(pass.picture->width, 40);
  EXPECT_EQ(pass.picture->found_in_all, 32);
  ASSERT_EQ(pass.picture->found.size(), OutputPass::kShown);
  EXPECT_EQ(pass.picture->found[5].kind, 5);
  EXPECT_TRUE(pass.picture->found[5].box.empty());
}

TEST(OutputPass, ShowsBoxesInThePixelsOfThePictureAndAsManyAsAreMeant) {
  Plan plan = with_exhibit();
  plan.exhibit->boxes = *plan.find("s");  // 8 of them
  plan.exhibit->per_pixel = 2;
  plan.exhibit->count = *plan.find("p");  // its first element is 0: none is meant
  EXPECT_TRUE(pass_of(plan, kKernels).picture->found.empty());
  plan.exhibit->stage = "loop";  // and 1 after the first step
  const OutputPass pass = pass_of(plan, kKernels);
  ASSERT_EQ(pass.picture->found.size(), 1u);
  EXPECT_DOUBLE_EQ(pass.picture->found[0].box.at(0), pass.picture->found[0].score / 2) << "both are s[0]";
}

TEST(OutputPass, ShowsNothingThatIsNoNumber) {
  const OutputPass pass = pass_of(with_exhibit(), kBroken);
  ASSERT_TRUE(pass.picture);
  EXPECT_LT(pass.picture->found.size(), OutputPass::kShown);
}

TEST(OutputPass, AnInterruptedPassIsNotWhole) {
  const Watch watch{.now_s = {}, .interrupted = [] { return true; }};
  EXPECT_FALSE(pass_of(test_plan(), kKernels, 1, watch).times.whole);
}

}  // namespace
}  // namespace assay::outputs_tests
