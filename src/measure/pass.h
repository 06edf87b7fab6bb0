// SPDX-License-Identifier: Apache-2.0
// One pass of a plan, timed: from inputs and state in place every turn of the pass, with a mark around each
// run of a stage. A pass is a block of draws: what its runs share (the state of caches, clocks and
// neighbours) they share alone.
//
// A device that runs behind the host is held back until the work of a stage is enqueued: a mark set on an
// idle stream would time the host's enqueueing. Where several passes are in flight nothing is held: the
// device has the others to do, and what the host takes is part of what is measured.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/sampler.h"
#include "measure/session.h"

namespace assay {

struct PassTimes {
  std::vector<std::vector<double>> seconds;  // a stage: each run, in the order run
  bool whole = false;                        // not interrupted within
  bool late = false;                         // the device began before all was enqueued
  std::optional<double> clock_hz;            // of the device, over the pass
};

struct PassOptions {
  std::uint64_t number = 0;        // whose inputs are used; Session::reset()
  bool hold = true;                // the device, until a stage is enqueued
  ClockMeter* clock = nullptr;     // may be null
  std::function<void()> on_start;  // inputs are in place; may be empty
};

/// Resetting is not timed.
PassTimes run_pass(Session& session, const Watch& watch, const PassOptions& options = {});

/// A median a stage; 0 for one that has no draws.
std::vector<double> medians_of(const PassTimes& pass);

}  // namespace assay
