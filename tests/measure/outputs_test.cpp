// SPDX-License-Identifier: Apache-2.0
#include "measure/outputs.h"

#include <gtest/gtest.h>

#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_plan.h"

namespace assay {
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

TEST(OutputPass, AnInterruptedPassIsNotWhole) {
  const Watch watch{.now_s = {}, .interrupted = [] { return true; }};
  EXPECT_FALSE(pass_of(test_plan(), kKernels, 1, watch).times.whole);
}

}  // namespace
}  // namespace assay
