// SPDX-License-Identifier: Apache-2.0
// The tiny models, loaded from their checkpoints and run by the CPU's kernels, give what Hugging Face
// transformers gives: right as models, not only op by op.
#include "tiny_models.h"

#include <gtest/gtest.h>

#include "device/backend.h"
#include "workloads/running_model.h"

namespace assay::test::tiny_models_tests {
namespace {

class TinyModels : public ::testing::TestWithParam<std::string> {
 protected:
  OpenDevice cpu_{cpu_backend().open(0), cpu_backend().kernels};
};

TEST_P(TinyModels, GiveTheLogitsAndGreedyTokensOfTransformersInF32) {
  const TinyModel model(GetParam());
  RunningModel run(model, "f32", cpu_);
  for (std::size_t step = 0; step < model.steps(); ++step) {
    const auto [logits, tokens] = run.step(step);
    EXPECT_LT(model.logit_error(step, logits), 1e-4) << "step " << step;
    for (std::size_t s = 0; s < model.tokens.size(); ++s)
      EXPECT_EQ(tokens[s], model.tokens[s][step]) << "step " << step << " sequence " << s;
  }
}

// bf16 keeps 8 bits: a few percent after two or three layers. What goes wrong goes wrong by 100 %.
TEST_P(TinyModels, StayNearTheLogitsOfTransformersInBf16) {
  const TinyModel model(GetParam());
  RunningModel run(model, "bf16", cpu_);
  EXPECT_LT(model.logit_error(0, run.step(0).logits), 0.15);
}

INSTANTIATE_TEST_SUITE_P(EveryTinyModel, TinyModels, ::testing::ValuesIn(tiny_models()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::test::tiny_models_tests
