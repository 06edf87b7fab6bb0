// SPDX-License-Identifier: Apache-2.0
// The tiny models on the GPU, through graphs, with every choice of kernel that serves: what Hugging Face
// transformers gives.
#include "gpu/gpu.h"
#include "measure/session.h"
#include "workloads/tiny_models.h"

namespace assay::testing {
namespace {

class GpuPipeline : public Gpu {
 protected:
  /// Largest error of all steps' logits; fails where a greedy token differs.
  double worst_error(const TinyModel& model, const std::string& dtype, bool tokens_must_agree) {
    const Plan plan = model.plan(dtype);
    SafeTensors file = SafeTensors::open(model.folder);
    Session session(plan, device(), first_kernels(plan, gpu_), 1, &file);
    const std::vector<std::int32_t> ids = model.prompt_ids();
    session.write(*plan.find("prompt_ids"), std::vector<double>(ids.begin(), ids.end()));
    double worst = 0;
    for (std::size_t step = 0; step < (tokens_must_agree ? model.steps() : 1); ++step) {
      const std::size_t stage = step == 0 ? 0 : 1;
      session.run_stage(stage);
      device().synchronize();
      worst =
          std::max(worst, model.logit_error(step, session.read(plan.stages()[stage]->steps.back().in[0])));
      if (!tokens_must_agree) continue;
      const std::vector<double> tokens = session.read(*plan.find("token"));
      for (std::size_t s = 0; s < model.tokens.size(); ++s)
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
}  // namespace assay::testing
