// SPDX-License-Identifier: Apache-2.0
// Times whole stages, end to end. A pass starts from the same inputs and state and runs every stage as often
// as it iterates, with a mark around each iteration: an iteration is a sample. Passes go on until the rule
// holds for every stage; the first ones warm up.
#pragma once

#include <functional>
#include <vector>

#include "measure/sampler.h"
#include "measure/session.h"

namespace assay {

struct StageTimes {
  std::vector<std::vector<double>> seconds;  // a stage: an iteration a sample, in the order run
  std::int64_t passes = 0;                   // timed ones
  bool settled = false;
  SamplingEnd end = SamplingEnd::interrupted;
};

/// One pass; seconds of each iteration of each stage. An interruption ends it after a whole iteration.
std::vector<std::vector<double>> run_pass(Session& session, const Watch& watch);

/// `first` has been run already, as the first warm-up pass. `on_pass` hears of each one.
StageTimes time_stages(Session& session, const std::vector<std::vector<double>>& first, const StopRule& rule,
                       const Watch& watch, const std::function<void(const StageTimes&)>& on_pass);

}  // namespace assay
