// SPDX-License-Identifier: Apache-2.0
// Which tensors of a checkpoint make which weights of a plan. A weight is the stack, along dimension 0, of
// its WeightSource's tensors, each brought into the plan's order first; f32, f16 and bf16 are converted to
// the plan's type. A tensor that is missing, left over, or of another shape is an Error(bad_input) that names
// it.
#pragma once

#include <span>

#include "base/safetensors.h"
#include "device/backend.h"
#include "plan/plan.h"

namespace assay {

inline constexpr std::string_view kCheckpointHint =
    "the checkpoint must be of the very model that the config describes";

/// Reads no tensor's data: a checkpoint that does not fit the plan is refused at once.
void check_weights(const Plan& plan, const SafeTensors& checkpoint);

/// `buffers`: a tensor of the plan. The checkpoint must have passed check_weights().
void load_weights(const Plan& plan, const SafeTensors& checkpoint, const Sites& sites,
                  std::span<const Buffer> buffers);

}  // namespace assay
