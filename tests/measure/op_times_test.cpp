// SPDX-License-Identifier: Apache-2.0
#include "measure/op_times.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_plan.h"

namespace assay::op_times_tests {
namespace {

std::set<std::int32_t> seen;  // first elements that a launch of "noted" met

/// y = 2 x + 1 of integers, and notes what it is steered by.
class Noted final : public Kernel {
 public:
  explicit Noted(FakeDevice& device) : device_(device) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    device_.now_s += 1e-4;
    const auto x = in[0].as<const std::int32_t>();
    seen.insert(x[0]);
    for (std::size_t i = 0; i < x.size(); ++i) out[0].as<std::int32_t>()[i] = 2 * x[i] + 1;
  }

 private:
  FakeDevice& device_;
};
std::unique_ptr<Kernel> make_noted(const Op&, Lane& lane) {
  return std::make_unique<Noted>(dynamic_cast<FakeDevice&>(lane.device()));
}
constexpr std::array kKernels = {KernelEntry{"scale", "noted", "", make_noted}};

// The arena would hold what was written last, and a fill would invent what a router never gives.
TEST(OpTimes, AnOpIsSteeredByWhatThePassReallyPutThere) {
  OpenDevice open{std::make_unique<FakeDevice>(), kKernels};
  auto& fake = dynamic_cast<FakeDevice&>(*open.device);
  const OneLaneOf one(open);
  Plan plan("test", "steered");
  const auto scale = std::make_shared<Scale>(kTestElements, DType::i32, Fill::index(1000));
  const Value x =
      plan.input({.name = "x", .shape = {kTestElements}, .dtype = DType::i32, .fill = Fill::index(1000)});
  Stage& stage = plan.stage("go", 1, 1, "step");
  const Value a = plan.run(stage, "a", "first", scale, {x})[0];
  const Value b = plan.run(stage, "b", "second", scale, {a})[0];
  plan.run(stage, "c", "third", scale, {b});

  Session session(plan, one.sites, first_kernels(plan, one.sites), 1);
  const Watch watch{.now_s = [&] { return fake.now_s; }, .interrupted = {}};
  const InSituCheck check = check_in_situ(session, watch);
  ASSERT_EQ(check.problem, "");
  const std::vector<StepGroup> groups = step_groups(*plan.stages()[0]);
  seen.clear();
  time_ops(session, 0, groups, check.steering, {.target_ci = 0.1, .min_seconds = 0, .max_seconds = 0.1},
           watch, {});
  const auto first = static_cast<std::int32_t>(session.read(x)[0]);
  EXPECT_EQ(seen, (std::set<std::int32_t>{first, 2 * first + 1, 4 * first + 3}));
}

}  // namespace
}  // namespace assay::op_times_tests
