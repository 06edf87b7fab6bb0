// SPDX-License-Identifier: Apache-2.0
// A plan as it stands in memory, checked on every run: one pass that is not timed, step by step. The first
// call of each op is judged against its float64 reference with the inputs that are really in its buffers, as
// the plan names them; and what each activation held when it was made is compared with what it holds when it
// is used. So a step that is wired to another tensor, tensors that share bytes while both are in use, an op
// that changes its inputs and a stage that runs ahead of its inputs are found where they happen. Of a stage
// that a pass runs several times in a row the first run is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "measure/sampler.h"
#include "measure/session.h"

namespace assay {

/// What a pass put into integers that a step reads of others, by step and input: they steer (routing,
/// offsets).
using Steering = std::map<std::pair<const Step*, std::size_t>, std::vector<std::byte>>;

struct InSituCheck {
  std::int64_t ops = 0;       // judged
  std::int64_t elements = 0;  // of their outputs, compared
  std::int64_t values = 0;    // reads of activations that held what was made
  double share = 0;           // the largest error of an op, as a share of its tolerance
  std::string problem;        // the first, or ""
  bool whole = true;          // not interrupted
  Steering steering;
};

InSituCheck check_in_situ(Session& session, const Watch& watch);

}  // namespace assay
