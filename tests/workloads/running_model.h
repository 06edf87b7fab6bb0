// SPDX-License-Identifier: Apache-2.0
// A tiny model in a device's memory, its weights loaded and its prompts written: run step for step, through
// whatever the device records stages as.
#pragma once

#include <string>
#include <vector>

#include "measure/session.h"
#include "support/one_lane.h"
#include "workloads/tiny_models.h"

namespace assay::test {

class RunningModel {
 public:
  RunningModel(const TinyModel& model, const std::string& dtype, OpenDevice& device)
      : plan_(model.plan(dtype)),
        file_(SafeTensors::open(model.folder)),
        one_(device),
        session_(plan_, one_.sites, first_kernels(plan_, one_.sites), 1,
                 std::make_shared<const WeightBlock>(plan_, plan_memory(plan_), one_.sites, 1, &file_)) {
    const std::vector<std::int32_t> ids = model.prompt_ids();
    session_.write(*plan_.find("prompt_ids"), std::vector<double>(ids.begin(), ids.end()));
  }

  struct Step {
    std::vector<double> logits, tokens;  // of all sequences
  };
  /// Step 0 is the prefill.
  Step step(std::size_t step) {
    const std::size_t stage = step == 0 ? 0 : 1;
    session_.run_stage(stage);
    one_.lane->synchronize();
    return {session_.read(plan_.stages()[stage]->steps.back().in[0]), session_.read(*plan_.find("token"))};
  }

 private:
  Plan plan_;
  SafeTensors file_;
  OneLaneOf one_;
  Session session_;
};

}  // namespace assay::test
