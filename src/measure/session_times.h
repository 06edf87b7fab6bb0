// SPDX-License-Identifier: Apache-2.0
// Times whole stages, end to end, in one session: warms up, then takes passes until the rule holds for every
// stage. Beside the blocks it probes what the device reaches, and watches what others do on the machine.
//
// A block during which the device's clock lay below 95 % of the session's is throttled: it is counted, and
// taken again within a limit. Nothing else is dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "measure/blocks_of_passes.h"
#include "measure/lanes.h"
#include "measure/machine_watch.h"
#include "measure/pass.h"

namespace assay {

inline constexpr double kThrottledClock = 0.95;  // of the session's median clock
inline constexpr double kRetakenShare = 0.5;     // of a session's blocks may be taken again, in all
inline constexpr double kProbeShare = 0.1;       // of the sampling time may go to probes of the peaks

/// Draws of a session, or of several in a row.
struct StageTimes {
  std::map<std::string, BlockedSeries> series;  // "stage/decode", "pass", "window": seconds, in blocks
  std::map<std::string, BlockedSeries> peaks;  // by a path, or a dtype: what probes beside the blocks reached
  MachineWatch machine;
  std::uint64_t next_pass = 1;  // pass 0 is what devices are compared by
  std::int64_t late_blocks = 0;
  std::int64_t throttled_blocks = 0;  // taken again
  std::int64_t slow_blocks = 0;       // throttled, and kept because the limit was reached
  bool clocked = false;               // the device can tell its clock
  bool settled = true;                // warm-up ended because figures agreed
  SamplingEnd end = SamplingEnd::interrupted;

  std::size_t blocks() const { return series.empty() ? 0 : series.begin()->second.blocks.size(); }
};

struct SessionRule {
  StopRule stop;  // of this session alone
  std::int64_t min_blocks = kMinBlocks;
};
/// One session's part of the rule of a case: its share of the time, and of the fewest blocks.
SessionRule rule_of_a_session(const StopRule& rule);

/// What is looked at beside the blocks. Either may be missing.
struct Surroundings {
  PeakProbe* probe = nullptr;
  std::function<HostCounters()> counters;
};

/// Appends a session's blocks to `times`; sessions are open on all lanes. `first` has been run already, as
/// the first warm-up pass. `on_block` hears of each block, and of how much of the time is spent.
void time_session(Lanes& lanes, const Plan& plan, Device& device, const PassTimes& first,
                  const SessionRule& rule, const Watch& watch, const Surroundings& beside, StageTimes& times,
                  const std::function<void(std::int64_t, double)>& on_block);

}  // namespace assay
