// SPDX-License-Identifier: Apache-2.0
// One pass of a plan, timed: from the same inputs and state every stage as often as it iterates, with a mark
// around each iteration. A pass is a block of draws: what its iterations share (the state of caches, clocks
// and neighbours) they share alone.
//
// A device that runs behind the host is held back until the work of a stage is enqueued: a mark set on an
// idle stream would time the host's enqueueing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/sampler.h"
#include "measure/session.h"

namespace assay {

struct PassTimes {
  std::vector<std::vector<double>> seconds;  // a stage: each iteration, in the order run
  bool whole = false;                        // not interrupted within
  bool late = false;                         // the device began before all was enqueued
  std::optional<double> clock_hz;            // of the device, over the pass
};

/// `clock` may be null. Resetting is not timed.
PassTimes run_pass(Session& session, const Watch& watch, ClockMeter* clock = nullptr);

/// A median a stage; 0 for one that has no draws.
std::vector<double> medians_of(const PassTimes& pass);

}  // namespace assay
