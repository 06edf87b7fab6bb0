// SPDX-License-Identifier: Apache-2.0
// Whole pipelines through the graph path: the tiny models with their weights give on cuda-host what they give
// on the CPU, step for step.
#include <gtest/gtest.h>

#include "cuda_host.h"
#include "measure/runner.h"
#include "workloads/running_model.h"

namespace assay::test::pipelines_tests {
namespace {

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference / norm);
}

class Pipelines : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_agreement(const std::string& dtype, const std::string& target, double tolerance) const {
    const TinyModel model(GetParam());
    CudaHost host(target);
    OpenDevice cpu{cpu_backend().open(0), cpu_backend().kernels};
    RunningModel on_host(model, dtype, host.open), on_cpu(model, dtype, cpu);
    for (std::size_t i = 0; i < model.steps(); ++i) {
      const RunningModel::Step a = on_host.step(i), b = on_cpu.step(i);
      ASSERT_EQ(a.logits.size(), b.logits.size());
      EXPECT_LT(relative_difference(a.logits, b.logits), tolerance) << "step " << i;
      EXPECT_EQ(a.tokens, b.tokens) << "step " << i;
    }
  }
};

// f32 rounds at 6e-8; sums of some hundred terms in another order, through a few layers.
TEST_P(Pipelines, AgreeWithTheCpuInF32) {
  expect_agreement("f32", "sm_80", 1e-5);
}
// bf16 keeps 8 bits, and the two round at different places: about a percent after two or three layers.
TEST_P(Pipelines, AgreeWithTheCpuInBf16) {
  expect_agreement("bf16", "sm_90", 0.03);
}

INSTANTIATE_TEST_SUITE_P(EveryTinyModel, Pipelines, ::testing::ValuesIn(tiny_models()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Pipelines, TheRunnerVerifiesOneAndCannotTimeIt) {
  const TinyModel model("qwen3");
  const Plan plan = model.plan("bf16");
  CudaHost host;
  host_knobs().has_clock = true;  // the first pass is timed to see how long the others may take
  const auto weights = std::make_shared<const SafeTensors>(SafeTensors::open(model.folder));
  const CaseResult result = run_plan(plan, host.open, host.open, {}, {.time = false, .weights = weights});
  EXPECT_EQ(result.status, CaseStatus::ok) << result.reason.value_or("");
  ASSERT_TRUE(result.verification);
  EXPECT_EQ(result.verification->status, CheckStatus::passed);
  EXPECT_TRUE(result.metrics.empty());
  host_knobs().has_clock = false;
  EXPECT_THROW(run_plan(plan, host.open, host.open, {}, {.weights = weights}), Error);
}

}  // namespace
}  // namespace assay::test::pipelines_tests
