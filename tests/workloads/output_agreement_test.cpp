// SPDX-License-Identifier: Apache-2.0
// The tolerance that a plan states for its outputs, tried: the same model by other kernels stays within it,
// and a model that is wrong somewhere does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "device/backend.h"
#include "measure/outputs.h"
#include "support/one_lane.h"
#include "workloads/tiny_models.h"

namespace assay::test::output_agreement_tests {
namespace {

double difference(const OutputResult& a, const OutputResult& b) {
  double squares = 0, of = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    squares += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
    of += a.values[i] * a.values[i];
  }
  return std::sqrt(squares / of);
}

struct OutputAgreement : ::testing::TestWithParam<std::string> {
  OutputPass pass_of(const std::string& dtype, KernelTable table, const char* spoil = nullptr) {
    const Plan plan = model_.plan(dtype);
    OpenDevice open{std::move(device_), table};
    OutputPass pass;
    {
      const OneLaneOf one(open);
      Session session(plan, one.sites, first_kernels(plan, one.sites), 1,
                      std::make_shared<const WeightBlock>(plan, plan_memory(plan), one.sites, 1, &file_));
      if (spoil != nullptr) {
        const Value weight = *plan.find(spoil);
        std::vector<double> values = session.read(weight);
        for (double& value : values) value *= 1.5;
        session.write(weight, values);
      }
      pass = run_output_pass(session, {});
    }
    device_ = std::move(open.device);
    return pass;
  }

  const TinyModel model_{GetParam()};
  const SafeTensors file_ = SafeTensors::open(model_.folder);
  std::unique_ptr<Device> device_ = cpu_backend().open(0);
};

/// The table with the last kernel of each op first.
std::vector<KernelEntry> other_kernels() {
  std::vector<KernelEntry> table(cpu_backend().kernels.begin(), cpu_backend().kernels.end());
  std::reverse(table.begin(), table.end());
  return table;
}

TEST_P(OutputAgreement, OtherKernelsAgree) {
  const std::vector<KernelEntry> others = other_kernels();
  for (const char* dtype : {"f32", "bf16", "f16"}) {
    const OutputPass one = pass_of(dtype, cpu_backend().kernels), other = pass_of(dtype, others);
    for (const auto& [name, output] : one.outputs) {
      EXPECT_LE(difference(output, other.outputs.at(name)), output.tolerance) << name << " in " << dtype;
      EXPECT_GT(output.rms, 0);
    }
  }
}

TEST_P(OutputAgreement, AWrongWeightDoesNot) {
  const bool gpt2 = GetParam().starts_with("gpt2");
  const OutputPass right = pass_of("f32", cpu_backend().kernels);
  const OutputPass wrong = pass_of("f32", cpu_backend().kernels, gpt2 ? "layers.1.up" : "layers.1.gate_up");
  for (const auto& [name, output] : right.outputs)
    EXPECT_GT(difference(output, wrong.outputs.at(name)), 2 * output.tolerance) << name;
}

INSTANTIATE_TEST_SUITE_P(EveryTinyModel, OutputAgreement, ::testing::ValuesIn(tiny_models()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::test::output_agreement_tests
