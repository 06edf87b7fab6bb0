// SPDX-License-Identifier: Apache-2.0
// Kernels that keep weights in a form of their own: who tells them, when, and where they may not serve.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "measure/bench.h"
#include "measure/kernel_choice.h"
#include "measure/runner.h"
#include "measure/session.h"
#include "measure/verify.h"
#include "support/fake_device.h"
#include "support/one_lane.h"
#include "support/test_ops.h"

namespace assay::packing_tests {
namespace {

constexpr std::int64_t kCount = 32;
constexpr std::int64_t kWorkspace = 1 << 20;  // what a kernel that packs says it keeps

/// y[i] = x[i] w[i]
struct Weigh final : Op {
  std::string_view kind() const override { return "weigh"; }
  std::string shape() const override { return std::to_string(kCount); }
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const override {
    return {{.name = "x", .shape = {kCount}}, {.name = "w", .shape = {kCount}}};
  }
  std::vector<TensorSpec> outputs() const override { return {{.name = "y", .shape = {kCount}}}; }
  Cost cost() const override {
    return {.flops = kCount, .bytes = in_memory({.read = bytes_of(inputs()), .written = 4.0 * kCount})};
  }
  std::int64_t units() const override { return kCount; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override {
    out.set(0, unit, in[0][unit] * in[1][unit]);
  }
  Tolerance tolerance() const override { return {{epsilon_factor(DType::f32), {"1 rounding", 1}}}; }
};

std::vector<std::string> log_of_calls;

class Plain final : public Kernel {
 public:
  explicit Plain(FakeDevice& device) : device_(device) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    device_.now_s += 20e-6;
    for (std::size_t i = 0; i < kCount; ++i)
      out[0].as<float>()[i] = in[0].as<float>()[i] * in[1].as<float>()[i];
  }

 private:
  FakeDevice& device_;
};

/// Keeps -w, and never looks at w again.
class Packing final : public Kernel {
 public:
  explicit Packing(FakeDevice& device) : device_(device) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    log_of_calls.emplace_back("launch");
    device_.now_s += 10e-6;
    for (std::size_t i = 0; i < kCount; ++i) out[0].as<float>()[i] = -(in[0].as<float>()[i] * packed_[i]);
  }
  std::int64_t workspace_bytes() const override { return kWorkspace; }
  std::vector<std::size_t> packs() const override { return {1}; }
  void pack(Stream&, Buffers in) override {
    log_of_calls.emplace_back("pack");
    for (std::size_t i = 0; i < kCount; ++i) packed_[i] = -in[1].as<float>()[i];
  }

 private:
  FakeDevice& device_;
  std::array<float, kCount> packed_ = {};
};

template <typename K>
std::unique_ptr<Kernel> make(const Op&, Lane& lane) {
  return std::make_unique<K>(dynamic_cast<FakeDevice&>(lane.device()));
}
const std::vector<KernelEntry> kTable = {{"weigh", "packing", "", make<Packing>},
                                         {"weigh", "plain", "", make<Plain>}};

/// y = x a, z = y b, u = z a: two weights, three steps. `b` is an input where `of_b` says so.
Plan weighing_plan(Role of_b) {
  Plan plan("test", "weighing");
  const auto weigh = std::make_shared<Weigh>();
  const Value x = plan.input({.name = "x", .shape = {kCount}, .fill = Fill::normal()});
  const Value a = plan.weight({.name = "a", .shape = {kCount}, .fill = Fill::normal()}, {});
  const TensorSpec spec{.name = "b", .shape = {kCount}, .fill = Fill::normal()};
  const Value b = of_b == Role::weight ? plan.weight(spec, {}) : plan.input(spec);
  Stage& stage = plan.stage("go", 1, 1, "run");
  const Value y = plan.run(stage, "y", "weigh", weigh, {x, a})[0];
  const Value z = plan.run(stage, "z", "weigh", weigh, {y, b})[0];
  const Value u = plan.state({.name = "u", .shape = {kCount}}, Reset::left_over);
  plan.run(stage, "u", "weigh", weigh, {z, a}, {u});
  plan.metrics = {{.name = "go_s", .of = "stage/go", .unit = "s", .definition = "Time to go."}};
  plan.outputs = {{.name = "u", .value = u, .stage = "go", .pins = {}, .tolerance = {{{"exact", 1e-6}}}}};
  return plan;
}

struct PackingTest : testing::Test {
  PackingTest() {
    log_of_calls.clear();
    auto device = std::make_unique<FakeDevice>();
    fake = device.get();
    open = {std::move(device), kTable};
  }
  KernelChoice choose(std::span<const std::size_t> weights) {
    return choose_kernel(std::make_shared<Weigh>(), Place::device, OneLaneOf(open).sites.device, options,
                         {.now_s = [this] { return fake->now_s; }, .interrupted = {}}, weights);
  }

  FakeDevice* fake;
  OpenDevice open;
  RunOptions options;
};

TEST_F(PackingTest, ComesBeforeTheLaunchOnData) {
  const auto op = std::make_shared<const Weigh>();
  Packing kernel(*fake);
  for (const std::uint64_t seed : {1, 2}) {
    OpData data(op, *fake, seed);
    EXPECT_EQ(data.verify(kernel).status, KernelCheck::Status::passed) << "seed " << seed;
  }
  EXPECT_EQ(log_of_calls, (std::vector<std::string>{"pack", "launch", "pack", "launch"}));
}

TEST_F(PackingTest, ComesBeforeABenchmarksLaunches) {
  KernelBench bench(std::make_shared<Weigh>(), kTable[0], *fake, 1);
  bench.seconds(2);
  EXPECT_EQ(log_of_calls, (std::vector<std::string>{"pack", "launch", "launch"}));
}

TEST_F(PackingTest, IsNotTimedAndMakesACandidateOfWeights) {
  const KernelChoice choice = choose(std::array<std::size_t, 1>{1});
  EXPECT_EQ(choice.name(), "packing");
  EXPECT_EQ(choice.packs, std::vector<std::size_t>{1});
  EXPECT_EQ(choice.workspace_bytes, kWorkspace);
  EXPECT_NEAR(choice.rejected.at("plain"), 20e-6, 1e-9);
  EXPECT_EQ(std::ranges::count(log_of_calls, "pack"), 2) << "once to verify, once to time";
}

TEST_F(PackingTest, IsNoCandidateWhereTheInputIsNoWeight) {
  const KernelChoice choice = choose({});
  EXPECT_EQ(choice.name(), "plain");
  ASSERT_EQ(choice.checks.size(), 2u);
  EXPECT_EQ(choice.checks[0].status, CheckStatus::skipped);
  EXPECT_EQ(choice.checks[0].reason, "it keeps w in a form of its own, and that is no weight here");
  EXPECT_TRUE(log_of_calls.empty());

  options.choices = {{"weigh 32", {"packing", ""}}};
  try {
    choose({});
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code, ExitCode::bad_input);
    EXPECT_NE(std::string(error.what()).find("that is no weight here"), std::string::npos) << error.what();
  }
}

TEST_F(PackingTest, DecidesWhichKernelIsFirst) {
  const OneLaneOf one(open);
  const auto first = [&](Role of_b) {
    return first_kernels(weighing_plan(of_b), one.sites).at("weigh 32").entry->name;
  };
  EXPECT_EQ(first(Role::weight), "packing");
  EXPECT_EQ(first(Role::input), "plain") << "one step of three has no weight there";
}

TEST_F(PackingTest, InASessionIsAKernelForEachSetOfWeights) {
  const Plan plan = weighing_plan(Role::weight);
  const OneLaneOf one(open);
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1);
  EXPECT_EQ(log_of_calls, (std::vector<std::string>{"pack", "pack"}));
  EXPECT_EQ(session.workspace_bytes(), 2 * kWorkspace) << "of a and of b";
  const auto steps = session.steps(0);
  EXPECT_NE(steps[0].kernel, steps[1].kernel);
  EXPECT_EQ(steps[0].kernel, steps[2].kernel) << "the same weights";

  session.run_stage(0);
  const auto read = [&](const char* name) { return session.read(*plan.find(name)); };
  const std::vector<double> x = read("x"), a = read("a"), b = read("b"), u = read("u");
  for (std::size_t i = 0; i < kCount; ++i)
    EXPECT_NEAR(u[i], x[i] * a[i] * b[i] * a[i], 1e-6 * std::abs(u[i]));
}

TEST_F(PackingTest, IsDoneAgainWhenASessionWritesTheWeight) {
  const Plan plan = weighing_plan(Role::weight);
  const OneLaneOf one(open);
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1);
  log_of_calls.clear();
  session.write(*plan.find("a"), std::vector<double>(kCount, 2));
  session.write(*plan.find("x"), std::vector<double>(kCount, 3));
  EXPECT_EQ(log_of_calls, std::vector<std::string>{"pack"});
  session.run_stage(0);
  const std::vector<double> b = session.read(*plan.find("b")), u = session.read(*plan.find("u"));
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_FLOAT_EQ(u[i], 12 * b[i]);
}

TEST_F(PackingTest, RefusesToPackWhatIsNoWeight) {
  const Plan plan = weighing_plan(Role::input);
  const OneLaneOf one(open);
  EXPECT_THROW(Session(plan, one.sites, {{"weigh 32", {&kTable[0], ""}}}, 1), std::logic_error);
}

CaseResult run_with(FakeDevice& fake, OpenDevice& open, RunOptions options) {
  options.now_s = [&] { return fake.now_s; };
  options.stop = {.target_ci = 0.01, .min_seconds = 0, .max_seconds = 1};
  return run_plan(weighing_plan(Role::weight), open, open, Peaks{}, options);
}

TEST_F(PackingTest, CountsEveryKernelsMemory) {
  const std::int64_t needed = plan_memory(weighing_plan(Role::weight)).peak_bytes() + 2 * kWorkspace;
  fake->capacity_bytes = needed;
  const CaseResult fits = run_with(*fake, open, options);
  EXPECT_FALSE(fits.reason.has_value()) << *fits.reason;
  EXPECT_EQ(fits.memory->workspace_bytes, 2 * kWorkspace);

  fake->capacity_bytes = needed - 1;
  const CaseResult small = run_with(*fake, open, options);
  EXPECT_EQ(small.status, CaseStatus::skipped);
  EXPECT_EQ(small.reason,
            "needs " + std::to_string(needed) + " bytes, " + std::to_string(needed - 1) + " free on fake:0");
}

}  // namespace
}  // namespace assay::packing_tests
