// SPDX-License-Identifier: Apache-2.0
// The tiny models, loaded from their checkpoints and run by the CPU's kernels, give what Hugging Face
// transformers gives: right as models, not only op by op.
#include "tiny_models.h"

#include <gtest/gtest.h>

#include "device/backend.h"
#include "measure/session.h"

namespace assay::testing {
namespace {

/// A tiny model in the CPU's memory, its prompts written.
class Running {
 public:
  Running(const TinyModel& model, const std::string& dtype)
      : plan_(model.plan(dtype)), file_(SafeTensors::open(model.folder)) {
    device_.device = cpu_backend().open(0);
    device_.kernels = cpu_backend().kernels;
    session_ = std::make_unique<Session>(plan_, *device_.device, first_kernels(plan_, device_), 1, &file_);
    const std::vector<std::int32_t> ids = model.prompt_ids();
    session_->write(*plan_.find("prompt_ids"), std::vector<double>(ids.begin(), ids.end()));
  }

  /// Step 0 is the prefill; gives the logits of all sequences.
  std::vector<double> step(std::size_t step) {
    const std::size_t stage = step == 0 ? 0 : 1;
    session_->run_stage(stage);
    device_.device->synchronize();
    return session_->read(plan_.stages()[stage]->steps.back().in[0]);
  }
  std::vector<double> tokens() { return session_->read(*plan_.find("token")); }

 private:
  Plan plan_;
  SafeTensors file_;
  OpenDevice device_;
  std::unique_ptr<Session> session_;
};

class TinyModels : public ::testing::TestWithParam<std::string> {};

TEST_P(TinyModels, GiveTheLogitsAndGreedyTokensOfTransformersInF32) {
  const TinyModel model(GetParam());
  Running run(model, "f32");
  for (std::size_t step = 0; step < model.steps(); ++step) {
    EXPECT_LT(model.logit_error(step, run.step(step)), 1e-4) << "step " << step;
    const std::vector<double> tokens = run.tokens();
    for (std::size_t s = 0; s < model.tokens.size(); ++s)
      EXPECT_EQ(tokens[s], model.tokens[s][step]) << "step " << step << " sequence " << s;
  }
}

// bf16 keeps 8 bits: a few percent after two or three layers. What goes wrong goes wrong by 100 %.
TEST_P(TinyModels, StayNearTheLogitsOfTransformersInBf16) {
  const TinyModel model(GetParam());
  Running run(model, "bf16");
  EXPECT_LT(model.logit_error(0, run.step(0)), 0.15);
}

INSTANTIATE_TEST_SUITE_P(EveryTinyModel, TinyModels, ::testing::ValuesIn(tiny_models()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace assay::testing
