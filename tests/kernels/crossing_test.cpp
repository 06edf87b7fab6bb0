// SPDX-License-Identifier: Apache-2.0
// What the frame carries besides one tensor after another, on the CPU's own kernels.
#include <gtest/gtest.h>

#include "device/backend.h"
#include "measure/runner.h"
#include "support/crossing_plan.h"
#include "support/fake_device.h"

namespace assay::crossing_tests {
namespace {

struct Crossing : ::testing::Test {
  Crossing()
      : kernels(with_kernel(cpu_backend().kernels, {"positives", "ascending", "", make_positives<true>})),
        cpu{cpu_backend().open(0), kernels} {}
  std::vector<KernelEntry> kernels;
  OpenDevice cpu;
  RunOptions brief{.seed = 1, .stop = {.target_ci = 0.5, .min_seconds = 0, .max_seconds = 0.2}};
};

void expect_verified(const CaseResult& result, std::int64_t ops) {
  ASSERT_TRUE(result.verification) << result.reason.value_or("");
  EXPECT_EQ(result.verification->status, CheckStatus::passed) << result.reason.value_or("");
  ASSERT_TRUE(result.verification->in_situ);
  EXPECT_EQ(result.verification->in_situ->status, CheckStatus::passed);
  EXPECT_EQ(result.verification->in_situ->ops, ops);
  EXPECT_GT(result.verification->in_situ->values, 0);
}

TEST_F(Crossing, RunsVerifiedInSituAndTimedWhereTheDeviceFeedsItself) {
  const CaseResult result = run_plan(crossing_plan(20'000), cpu, cpu, {}, brief);
  EXPECT_EQ(result.status, CaseStatus::ok) << result.reason.value_or("");
  expect_verified(result, 4);  // two gathers, copy, positives
  ASSERT_EQ(result.stages.size(), 3u);
  EXPECT_EQ(result.stages[0].place, Place::host);
  EXPECT_EQ(result.stages[1].bytes, (BytesByPath{{Path::host_link, 96 * 64 * 4}}));
  EXPECT_TRUE(result.metrics.at("pass_s").known());
  EXPECT_GT(result.memory->host_bytes, 0);
}

TEST_F(Crossing, RunsWithSeveralPassesInFlight) {
  Plan plan = crossing_plan(20'000);
  plan.in_flight = 2;
  const CaseResult result = run_plan(plan, cpu, cpu, {}, brief);
  EXPECT_EQ(result.status, CaseStatus::ok) << result.reason.value_or("");
  expect_verified(result, 4);
  EXPECT_TRUE(result.series.contains("window"));
}

// Above what is copied to the host: its elements are evaluated.
TEST_F(Crossing, VerifiesATableOfWhichThereIsNoSecondCopy) {
  brief.time = false;
  const std::int64_t rows = 272 * (std::int64_t{1} << 20) / (64 * 4);
  expect_verified(run_plan(crossing_plan(rows), cpu, cpu, {}, brief), 4);
}

TEST_F(Crossing, FindsAnAnswerThatIsNotOneOfTheRightOnes) {
  struct Wrong final : Kernel {
    explicit Wrong(const Positives& op) : right(op) {}
    void launch(Stream& stream, Buffers in, Buffers out) override {
      right.launch(stream, in, out);
      out[0].as<std::int32_t>()[0] += 1;
    }
    PositivesKernel<true> right;
  };
  kernels.back().make = [](const Op& op, Lane&) -> std::unique_ptr<Kernel> {
    return std::make_unique<Wrong>(op_cast<Positives>(op));
  };
  cpu.kernels = kernels;
  const CaseResult result = run_plan(crossing_plan(1000), cpu, cpu, {}, brief);
  EXPECT_EQ(result.status, CaseStatus::failed);
  EXPECT_NE(result.reason.value_or("").find("names other places"), std::string::npos) << *result.reason;
}

}  // namespace
}  // namespace assay::crossing_tests
