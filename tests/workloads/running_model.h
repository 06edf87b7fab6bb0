// SPDX-License-Identifier: Apache-2.0
// A tiny model in a device's memory, its weights loaded and its prompts written: run step for step, through
// whatever the device records stages as.
#pragma once

#include <string>
#include <vector>

#include "measure/session.h"
#include "workloads/tiny_models.h"

namespace assay::testing {

class RunningModel {
 public:
  RunningModel(const TinyModel& model, const std::string& dtype, OpenDevice& device)
      : plan_(model.plan(dtype)),
        file_(SafeTensors::open(model.folder)),
        device_(device),
        session_(plan_, *device.device, first_kernels(plan_, device), 1, &file_) {
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
    device_.device->synchronize();
    return {session_.read(plan_.stages()[stage]->steps.back().in[0]), session_.read(*plan_.find("token"))};
  }

 private:
  Plan plan_;
  SafeTensors file_;
  OpenDevice& device_;
  Session session_;
};

}  // namespace assay::testing
