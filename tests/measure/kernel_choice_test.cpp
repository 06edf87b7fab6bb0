// SPDX-License-Identifier: Apache-2.0
#include "measure/kernel_choice.h"

#include <gtest/gtest.h>

#include <array>

#include "measure/session.h"
#include "measure/verify.h"
#include "support/one_lane.h"
#include "support/test_ops.h"

namespace assay::kernel_choice_tests {
namespace {

/// One way of a scripted kernel.
struct Way {
  std::string name;  // empty: the kernel has no variants
  double seconds;
  Fault fault = Fault::none;
  bool refuses_at_launch = false;
  int launches = 0;
};
std::array<std::vector<Way>, 3> ways;  // of the kernels "a", "b" and "c"

class ScriptedKernel final : public Kernel {
 public:
  ScriptedKernel(const Op& op, FakeDevice& device, std::vector<Way>& script) : script_(script) {
    for (const Way& way : script) kernels_.emplace_back(op, device, way.fault, way.seconds);
  }
  void launch(Stream& stream, Buffers in, Buffers out) override {
    if (script_[way_].refuses_at_launch) throw Error(ExitCode::device_failed, "not this one");
    ++script_[way_].launches;
    kernels_[way_].launch(stream, in, out);
  }
  std::vector<std::string> variants() const override {
    std::vector<std::string> names;
    for (const Way& way : script_)
      if (!way.name.empty()) names.push_back(way.name);
    return names;
  }
  void use(std::size_t variant) override { way_ = variant; }
  std::size_t in_use() const { return way_; }

 private:
  std::vector<Way>& script_;
  std::vector<TestKernel> kernels_;
  std::size_t way_ = 0;
};

template <std::size_t kIndex>
std::unique_ptr<Kernel> make_scripted(const Op& op, Lane& lane) {
  if (ways[kIndex].empty()) throw Unsupported("takes no " + op.shape());
  return std::make_unique<ScriptedKernel>(op, dynamic_cast<FakeDevice&>(lane.device()), ways[kIndex]);
}
const std::vector<KernelEntry> kTable = {{"scale", "a", "", make_scripted<0>},
                                         {"scale", "b", "", make_scripted<1>},
                                         {"scale", "c", "", make_scripted<2>},
                                         {"step", "d", "", make_test_kernel<Fault::none>}};

struct Choice : testing::Test {
  Choice() {
    ways = {};
    auto device = std::make_unique<FakeDevice>();
    fake = device.get();
    open = {std::move(device), kTable};
  }
  KernelChoice choose() {
    return choose_kernel(std::make_shared<Scale>(32), Place::device, OneLaneOf(open).sites.device, options,
                         {.now_s = [this] { return fake->now_s; }, .interrupted = {}});
  }
  static std::size_t in_use(const KernelChoice& choice) {
    FakeDevice device;
    const auto kernel = make_chosen(choice.chosen, *choice.op, device);
    return dynamic_cast<const ScriptedKernel&>(*kernel).in_use();
  }
  void expect_refusal(const std::string& what) {
    try {
      choose();
      FAIL() << "it was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code, ExitCode::bad_input);
      EXPECT_EQ(error.what(), what);
      EXPECT_EQ(error.hint, "run without --choices, which chooses by measurement");
    }
  }

  FakeDevice* fake;
  OpenDevice open;
  RunOptions options;
};

TEST_F(Choice, IsTheFastestVariantOfAllKernels) {
  ways = {{{{"", 300e-6}}, {{"x", 250e-6}, {"y", 200e-6}, {"z", 230e-6}}, {{"p", 290e-6}, {"q", 280e-6}}}};
  const KernelChoice choice = choose();
  EXPECT_EQ(choice.name(), "b");
  EXPECT_EQ(choice.chosen.variant, "y");
  EXPECT_EQ(in_use(choice), 1u);
  ASSERT_EQ(choice.rejected.size(), 2u);
  EXPECT_NEAR(choice.rejected.at("a"), 300e-6, 1e-9);
  EXPECT_NEAR(choice.rejected.at("c"), 280e-6, 1e-9) << "of its best variant";
}

TEST_F(Choice, IsTheFirstOfTheTableAmongThoseAsFast) {
  ways = {{{{"", 102e-6}}, {{"", 100e-6}}, {}}};
  EXPECT_EQ(choose().name(), "a");
  ways = {{{{"", 104e-6}}, {{"", 100e-6}}, {}}};
  EXPECT_EQ(choose().name(), "b");
  ways = {{{{"", 104e-6}}, {{"", 102e-6}}, {{"", 100e-6}}}};
  EXPECT_EQ(choose().name(), "b") << "as fast as the fastest, not as the next";
}

TEST_F(Choice, IsTheFirstVariantAmongThoseAsFast) {
  ways = {{{{"x", 105e-6}, {"y", 102e-6}, {"z", 100e-6}}, {{"", 101e-6}}, {}}};
  EXPECT_EQ(choose().chosen.variant, "y");
}

TEST_F(Choice, SamplesAVariantThatIsFarOffInTheFirstRoundsAlone) {
  ways = {{{{"x", 100e-6}, {"y", 149e-6}, {"z", 151e-6}}, {{"", 900e-6}}, {}}};
  const KernelChoice choice = choose();
  EXPECT_EQ(choice.chosen.variant, "x");
  EXPECT_GT(ways[0][1].launches, 8);
  EXPECT_EQ(ways[0][2].launches, 3) << "once to load it, and two rounds";
  EXPECT_GT(ways[1][0].launches, 8) << "what a kernel was beaten by is a figure of the report";
}

TEST_F(Choice, GivesManySlowVariantsEnoughRounds) {
  ways[0] = {};
  for (int i = 0; i < 32; ++i) ways[0].push_back({"v" + std::to_string(i), 0.1 + i * 1e-3});
  EXPECT_EQ(choose().chosen.variant, "v0");
  for (const Way& way : ways[0]) EXPECT_GE(way.launches, 6) << way.name;
}

TEST_F(Choice, OfAVariantThatIsWrongFailsAndNamesIt) {
  ways = {{{{"x", 100e-6}, {"y", 50e-6, Fault::wrong}}, {}, {}}};
  const KernelChoice choice = choose();
  EXPECT_TRUE(choice.wrong);
  EXPECT_EQ(choice.chosen.entry, nullptr) << "nothing is timed with it";
  EXPECT_EQ(choice.problem.find("scale 32 f32, kernel a (y): output y element 17: expected"), 0u)
      << choice.problem;
  ASSERT_EQ(choice.checks.size(), 3u);
  EXPECT_EQ(choice.checks[0].status, CheckStatus::failed);
}

TEST_F(Choice, GivesNoFigureOfAVariantThatIsWrong) {
  ways = {{{{"", 100e-6}}, {{"x", 190e-6}, {"y", 140e-6, Fault::wrong}}, {}}};
  const KernelChoice choice = choose();
  EXPECT_TRUE(choice.wrong) << "its time would stand among the rejected";
}

TEST_F(Choice, LeavesOutAVariantThatDoesNotRun) {
  ways = {{{{"x", 100e-6}, {"y", 50e-6, Fault::none, true}, {"z", 60e-6}}, {}, {}}};
  const KernelChoice choice = choose();
  EXPECT_FALSE(choice.wrong);
  EXPECT_EQ(choice.chosen.variant, "z");
}

TEST_F(Choice, WithoutTimingIsTheFirstVariantOfTheFirstKernel) {
  ways = {{{}, {{"x", 250e-6}, {"y", 200e-6}}, {{"", 1e-6}}}};
  options.time = false;
  const KernelChoice choice = choose();
  EXPECT_EQ(choice.name(), "b");
  EXPECT_EQ(choice.chosen.variant, "x");
  EXPECT_EQ(ways[1][1].launches, 0);
}

TEST_F(Choice, MadeBeforeIsVerifiedAndNotTimed) {
  ways = {{{{"", 100e-6}}, {{"x", 250e-6}, {"y", 200e-6}}, {{"", 1e-6}}}};
  options.choices = {{"scale 32 f32", {"b", "y"}}};
  const KernelChoice choice = choose();
  EXPECT_EQ(choice.name(), "b");
  EXPECT_EQ(choice.chosen.variant, "y");
  EXPECT_EQ(in_use(choice), 1u);
  EXPECT_EQ(ways[1][1].launches, 1) << "to verify it";
  EXPECT_EQ(fake->flushes, 0);
  EXPECT_TRUE(choice.rejected.empty());
  ASSERT_EQ(choice.checks.size(), 1u);
  EXPECT_EQ(choice.checks[0].status, CheckStatus::passed);
  options.choices = {{"scale 32 f32", {"a", ""}}};
  EXPECT_EQ(choose().name(), "a");
}

TEST_F(Choice, MadeBeforeThatIsWrongNowFails) {
  ways = {{{{"x", 100e-6}, {"y", 1e-6, Fault::nan}}, {}, {}}};
  options.choices = {{"scale 32 f32", {"a", "y"}}};
  EXPECT_TRUE(choose().wrong);
}

TEST_F(Choice, MadeBeforeThatIsNotThereAnyMoreIsBadInput) {
  ways = {{{{"", 100e-6}}, {{"x", 250e-6}}, {}}};
  options.choices = {{"scale 32 f32", {"gone", ""}}};
  expect_refusal("--choices: scale 32 f32 used kernel \"gone\", which this build has not on fake:0");
  options.choices = {{"scale 32 f32", {"d", ""}}};
  expect_refusal("--choices: scale 32 f32 used kernel \"d\", which this build has not on fake:0");
  options.choices = {{"scale 32 f32", {"c", "p"}}};
  expect_refusal(
      "--choices: scale 32 f32 used kernel \"c\" (p), which does not serve it on fake:0: takes no 32 f32");
  options.choices = {{"scale 32 f32", {"b", "y"}}};
  expect_refusal("--choices: scale 32 f32 used kernel \"b\" (y), which has no such variant on fake:0");
  options.choices = {{"scale 32 f32", {"a", "x"}}};
  expect_refusal("--choices: scale 32 f32 used kernel \"a\" (x), which has no such variant on fake:0");
  options.choices = {{"scale 32 f32", {"b", ""}}};
  expect_refusal("--choices: scale 32 f32 used kernel \"b\", which has no such variant on fake:0");
}

TEST_F(Choice, OfAnotherOpDoesNotBind) {
  ways = {{{{"", 100e-6}}, {{"", 50e-6}}, {}}};
  options.choices = {{"scale 64 f32", {"a", ""}}};
  EXPECT_EQ(choose().name(), "b");
}

TEST_F(Choice, ForcedByTheUserStandsAboveOneMadeBefore) {
  ways = {{{{"", 100e-6}}, {{"", 50e-6}}, {}}};
  options.choices = {{"scale 32 f32", {"b", ""}}};
  options.forced_kernels = {{"scale", "a"}};
  EXPECT_EQ(choose().name(), "a");
}

TEST(ForcedKernels, AreLookedForOnEveryDevice) {
  const std::vector<KernelEntry> other = {{"scale", "a", "", make_scripted<0>}};
  std::vector<OpenDevice> devices;
  devices.push_back({std::make_unique<FakeDevice>(), kTable});
  devices.push_back({std::make_unique<FakeDevice>(), other});
  EXPECT_NO_THROW(check_forced_kernels({{"scale", "a"}}, devices));
  EXPECT_NO_THROW(check_forced_kernels({{"scale", "b"}, {"step", "d"}}, {devices.data(), 1}));
  const auto said = [&](const std::string& op, const std::string& kernel) -> std::string {
    try {
      check_forced_kernels({{op, kernel}}, devices);
    } catch (const Error& error) {
      EXPECT_EQ(error.code, ExitCode::bad_input);
      return std::string(error.what()) + "; " + error.hint;
    }
    return "";
  };
  EXPECT_EQ(said("scale", "b"), "--kernel: fake:0 has no kernel \"b\" for scale; scale: a");
  EXPECT_EQ(said("step", "d"), "--kernel: fake:0 has no kernel for op \"step\"; ops: scale");
  EXPECT_EQ(said("scales", "a"), "--kernel: fake:0 has no kernel for op \"scales\"; ops: scale, step");
}

TEST(VerifyKernel, ChecksEveryVariantAndNamesTheWrongOne) {
  FakeDevice device;
  const Scale op(32);
  ways[0] = {{"x", 1e-6}, {"y", 1e-6, Fault::none, true}, {"z", 1e-6, Fault::nan}, {"w", 1e-6}};
  ScriptedKernel kernel(op, device, ways[0]);
  const KernelCheck check = verify_kernel(op, kernel, device, 1);
  EXPECT_EQ(check.status, KernelCheck::Status::failed);
  EXPECT_EQ(check.reason.find("variant z: output y element 2"), 0u) << check.reason;
  EXPECT_EQ(kernel.in_use(), 0u);
  EXPECT_EQ(verify_kernel(op, kernel, device, 1, Variants::first).status, KernelCheck::Status::passed);
}

}  // namespace
}  // namespace assay::kernel_choice_tests
