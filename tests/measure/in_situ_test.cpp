// SPDX-License-Identifier: Apache-2.0
// One test for each fault that the check is there to find.
#include "measure/in_situ.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>

#include "support/expect_error.h"
#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_plan.h"

namespace assay::in_situ_tests {
namespace {

constexpr std::array kKernels = {KernelEntry{"scale", "right", "", make_test_kernel<Fault::none, 0>},
                                 KernelEntry{"step", "right", "", make_test_kernel<Fault::none, 0>}};
const Watch kNoWatch = {.now_s = [] { return 0.0; }, .interrupted = {}};

struct InSitu : ::testing::Test {
  explicit InSitu(KernelTable kernels = kKernels)
      : open{std::make_unique<FakeDevice>(), kernels}, one(open) {}
  InSituCheck check(const Plan& plan, const std::function<void(Session&)>& fault = {}) {
    Session session(plan, one.sites, first_kernels(plan, one.sites), 1);
    if (fault) fault(session);
    return check_in_situ(session, kNoWatch);
  }
  OpenDevice open;
  OneLaneOf one;
};

TEST_F(InSitu, AWholePassIsRightAndEveryOpIsJudgedOnce) {
  const InSituCheck found = check(test_plan());
  EXPECT_EQ(found.problem, "");
  EXPECT_TRUE(found.whole);
  EXPECT_EQ(found.ops, 2);     // scale, step
  EXPECT_EQ(found.values, 2);  // of the chain in "load"
  EXPECT_GT(found.elements, 0);
}

TEST_F(InSitu, FindsAStepThatIsWiredToAnotherTensorOfTheSameShape) {
  Plan plan("test", "two inputs");
  const Value x = plan.input({.name = "x", .shape = {kTestElements}});
  const Value other = plan.input({.name = "other", .shape = {kTestElements}});
  plan.run(plan.stage("go", 1, 1, "step"), "scale", "scale", std::make_shared<Scale>(kTestElements), {x});
  const InSituCheck found = check(plan, [&](Session& session) {
    const_cast<Buffer&>(session.steps(0)[0].in[0]) = session.buffer(other);
  });
  ASSAY_EXPECT_HAS(found.problem, "step scale");
  ASSAY_EXPECT_HAS(found.problem, "expected");
}

TEST_F(InSitu, FindsTensorsThatShareBytesWhileBothAreInUse) {
  Plan plan("test", "residual");
  const auto scale = std::make_shared<Scale>(kTestElements);
  const Value x = plan.input({.name = "x", .shape = {kTestElements}});
  Stage& stage = plan.stage("go", 1, 1, "step");
  const Value a = plan.run(stage, "a", "s", scale, {x})[0];
  const Value b = plan.run(stage, "b", "s", scale, {a})[0];
  plan.run(stage, "c", "s", scale, {b});
  plan.run(stage, "d", "s", scale, {a});
  MemoryPlan memory = plan_memory(plan);
  memory.offsets[plan.stages()[0]->steps[2].out[0].id] = memory.offsets[a.id];
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1, nullptr, memory);
  const InSituCheck found = check_in_situ(session, kNoWatch);
  ASSAY_EXPECT_HAS(found.problem, "step d");
  ASSAY_EXPECT_HAS(found.problem, "no longer holds what a wrote");
}

constexpr std::array kClobbering = {
    KernelEntry{"scale", "clobbers", "", make_test_kernel<Fault::clobbers_input, 0>}};

struct InSituClobbered : InSitu {
  InSituClobbered() : InSitu(kClobbering) {}
};

TEST_F(InSituClobbered, FindsAnOpThatChangesItsInput) {
  Plan plan("test", "clobbered");
  const Value x = plan.input({.name = "x", .shape = {kTestElements}});
  plan.run(plan.stage("go", 1, 1, "step"), "scale", "scale", std::make_shared<Scale>(kTestElements), {x});
  ASSAY_EXPECT_HAS(check(plan).problem, "it changed its input x");
}

constexpr std::array kWrong = {KernelEntry{"scale", "wrong", "", make_test_kernel<Fault::wrong, 0>}};

struct InSituWrong : InSitu {
  InSituWrong() : InSitu(kWrong) {}
};

TEST_F(InSituWrong, JudgesAKernelOnWhatIsInItsBuffers) {
  Plan plan("test", "wrong");
  const Value x = plan.input({.name = "x", .shape = {kTestElements}});
  plan.run(plan.stage("go", 1, 1, "step"), "scale", "scale", std::make_shared<Scale>(kTestElements), {x});
  ASSAY_EXPECT_HAS(check(plan).problem, "element 17");
}

/// Runs what is launched when it is synchronised, as a device beside its host may.
class LateDevice final : public FakeDevice {
 public:
  bool waits = true;  // false: synchronize() says that it is done, and it is not
  std::deque<std::function<void()>> queue;
  void work() {
    for (; !queue.empty(); queue.pop_front()) queue.front()();
  }
  void synchronize() override {
    FakeDevice::synchronize();
    if (waits) work();
  }
};

/// y = x, when the device gets to it.
class LateMove final : public Kernel {
 public:
  explicit LateMove(LateDevice& device) : device_(device) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    device_.queue.push_back([from = in[0], to = out[0]] {
      std::memcpy(to.data, from.data, static_cast<std::size_t>(from.bytes));
    });
  }

 private:
  LateDevice& device_;
};
std::unique_ptr<Kernel> make_late_move(const Op&, Lane& lane) {
  return std::make_unique<LateMove>(dynamic_cast<LateDevice&>(lane.device()));
}
constexpr std::array kLate = {KernelEntry{"move", "late", "", make_late_move}};

/// download: y (host) = x, by the device's queue. answer: z = 2 y + 1, on the host.
struct HostAndDevice : ::testing::Test {
  HostAndDevice()
      : device{std::make_unique<LateDevice>(), kLate}, host{std::make_unique<FakeDevice>(), kKernels} {
    late = dynamic_cast<LateDevice*>(device.device.get());
    const Value x = plan.input({.name = "x", .shape = {kTestElements}});
    const Value y = plan.run(plan.stage("download", 1, 1, "step"), "down", "down",
                             std::make_shared<Move>(kTestElements, Place::host), {x})[0];
    plan.run(plan.stage("answer", 1, 1, "step", Place::host), "scale", "scale",
             std::make_shared<Scale>(kTestElements), {y});
    sites = {{device_lane.get(), device.kernels}, {host_lane.get(), host.kernels}};
  }
  Plan plan{"test", "host and device"};
  OpenDevice device, host;
  LateDevice* late;
  std::unique_ptr<Lane> device_lane = device.device->lane({}), host_lane = host.device->lane({});
  Sites sites;
};

TEST_F(HostAndDevice, AHostStageBeginsWhenTheDeviceIsDone) {
  Session session(plan, sites, first_kernels(plan, sites), 1);
  for (std::size_t stage = 0; stage < 2; ++stage) session.run_stage(stage);
  const double x = session.read(*plan.find("x"))[0];
  EXPECT_EQ(session.read(plan.stages()[1]->steps[0].out[0])[0], 2 * x + 1);
  EXPECT_EQ(check_in_situ(session, kNoWatch).problem, "");
}

TEST_F(HostAndDevice, AHostStageThatRunsAheadOfItsCopyIsFound) {
  Session session(plan, sites, first_kernels(plan, sites), 1);
  late->waits = false;
  const InSituCheck found = check_in_situ(session, kNoWatch);
  late->work();
  EXPECT_NE(found.problem, "");
}

/// Scale of integers that have to be below a limit.
struct Limited final : Op {
  explicit Limited(Fill x, std::int64_t limit)
      : scale(kTestElements, DType::i32, std::move(x)), limit(limit) {}
  const Scale scale;
  const std::int64_t limit;
  std::string_view kind() const override { return scale.kind(); }
  std::string shape() const override { return scale.shape() + " below " + std::to_string(limit); }
  DType dtype() const override { return scale.dtype(); }
  std::vector<TensorSpec> inputs() const override { return scale.inputs(); }
  std::vector<TensorSpec> outputs() const override { return scale.outputs(); }
  Cost cost() const override { return scale.cost(); }
  std::string check_inputs(std::span<const TensorView> in) const override {
    for (std::int64_t i = 0; i < in[0].size; ++i)
      if (in[0].integer(i) >= limit) return "row " + std::to_string(in[0].integer(i));
    return "";
  }
  std::int64_t units() const override { return scale.units(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    scale.reference(in, unit, out);
  }
  Tolerance tolerance() const override { return scale.tolerance(); }
};

TEST_F(InSitu, ChecksTheIndicesOfEveryStepAndNotOfTheFirstOfItsOpAlone) {
  Plan plan("test", "indices");
  const auto op = std::make_shared<Limited>(Fill::index(100), 100);
  const auto input = [&](const char* name, const Fill& fill) {
    return plan.input({.name = name, .shape = {kTestElements}, .dtype = DType::i32, .fill = fill});
  };
  const Value right = input("right", Fill::index(100)), beyond = input("beyond", Fill::constant(100));
  Stage& stage = plan.stage("go", 1, 1, "step");
  plan.run(stage, "a", "a", op, {right});
  EXPECT_EQ(check(plan).problem, "");
  plan.run(stage, "b", "b", op, {beyond});
  EXPECT_EQ(check(plan).problem, "in one whole pass, step b: row 100");
}

TEST_F(InSitu, KeepsTheIntegersThatSteerAStep) {
  Plan plan("test", "steered");
  const Value p =
      plan.input({.name = "p", .shape = {kTestElements}, .dtype = DType::i32, .fill = Fill::index(100)});
  const auto scale = std::make_shared<Scale>(kTestElements, DType::i32, Fill::index(100));
  Stage& stage = plan.stage("go", 1, 1, "step");
  const Value a = plan.run(stage, "a", "s", scale, {p})[0];
  plan.run(stage, "b", "s", scale, {a});
  const InSituCheck found = check(plan);
  ASSERT_EQ(found.problem, "");
  ASSERT_EQ(found.steering.size(), 1u);
  const auto& [at, bytes] = *found.steering.begin();
  EXPECT_EQ(at.first->name, "b");
  std::int32_t first = 0;
  std::memcpy(&first, bytes.data(), sizeof first);
  EXPECT_EQ(first, 2 * index_element(random_key(1, "p"), 0, 100) + 1);
}

}  // namespace
}  // namespace assay::in_situ_tests
