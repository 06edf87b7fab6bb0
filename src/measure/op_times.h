// SPDX-License-Identifier: Apache-2.0
// Times the ops of a stage one by one. All steps that share a label and an op run back to back between two
// marks, with a cold cache before: each layer has its own weights, so weights come from memory as they do in
// the pipeline. A sample is that time over their number. Ops are sampled in rounds.
//
// The state they meet is that of the middle of the stage. Activations are filled anew from the seed, since
// the arena by then holds whatever was written last; but integers steer (routing, offsets, counts), and hold
// what a whole pass really put there. What an op changes in place is put back before each sample: it would
// grow without bound, or steer the next run elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "measure/in_situ.h"
#include "measure/sampler.h"
#include "measure/session.h"
#include "plan/step_groups.h"

namespace assay {

/// Samples of one call, a group each. `steering` is of a pass of this session (in_situ.h).
std::vector<Samples> time_ops(Session& session, std::size_t stage, std::span<const StepGroup> groups,
                              const Steering& steering, const StopRule& rule, const Watch& watch,
                              const std::function<void(const StepGroup&)>& on_sample);

}  // namespace assay
