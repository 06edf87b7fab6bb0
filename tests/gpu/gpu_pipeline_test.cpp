// SPDX-License-Identifier: Apache-2.0
// The tiny models on the GPU, through graphs, with the first kernels that serve: what Hugging Face
// transformers gives.
#include "gpu/gpu.h"
#include "workloads/running_model.h"

namespace assay::test::gpu_pipeline_tests {
namespace {

class GpuPipeline : public Gpu {
 protected:
  /// Largest error of all steps' logits; fails where a greedy token differs.
  double worst_error(const TinyModel& model, const std::string& dtype, bool tokens_must_agree) {
    RunningModel run(model, dtype, gpu_);
    double worst = 0;
    for (std::size_t step = 0; step < (tokens_must_agree ? model.steps() : 1); ++step) {
      const auto [logits, tokens] = run.step(step);
      worst = std::max(worst, model.logit_error(step, logits));
      for (std::size_t s = 0; tokens_must_agree && s < model.tokens.size(); ++s)
        EXPECT_EQ(tokens[s], model.tokens[s][step]) << "step " << step << " sequence " << s;
    }
    return worst;
  }
};

TEST_F(GpuPipeline, GivesTheLogitsAndGreedyTokensOfTransformersInF32) {
  for (const std::string& name : tiny_models())
    EXPECT_LT(worst_error(TinyModel(name), "f32", true), 1e-4) << name;
}

TEST_F(GpuPipeline, StaysNearTheLogitsOfTransformersInBf16AndF16) {
  for (const std::string& name : tiny_models())
    for (const char* dtype : {"bf16", "f16"})
      EXPECT_LT(worst_error(TinyModel(name), dtype, false), 0.15) << name << " " << dtype;
}

}  // namespace
}  // namespace assay::test::gpu_pipeline_tests
