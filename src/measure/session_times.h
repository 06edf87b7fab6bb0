// SPDX-License-Identifier: Apache-2.0
// Times whole stages, end to end, in one session: warms up, then takes passes until the rule holds for every
// stage. Beside the blocks it probes what the device reaches, and watches what others do on the machine.
//
// A block during which the device's clock lay below 95 % of the session's is throttled: it is counted, and
// taken again within a limit. So is, for as long as the rule waits, one beside which the device ran below 90
// % of its best because others on the machine used its units; its time does not count. Nothing else is
// dropped: whether a block stays is never asked of the block's own times.
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
inline constexpr double kDisturbedSpeed = 0.9;   // of the best; beside a busy neighbour it is about half
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
  std::vector<double> speeds;         // a block; NaN unknown
  double disturbed_s = 0;             // waited for quiet, and spent on blocks that were taken again
  std::int64_t disturbed_blocks = 0;  // taken again
  std::int64_t unquiet_blocks = 0;    // disturbed, and kept because the wait was over
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

/// What is looked at beside the blocks. Any may be missing.
struct Surroundings {
  PeakProbe* probe = nullptr;
  std::function<HostCounters()> counters;
  SpeedMeter* speed = nullptr;  // asked only where the rule waits for quiet
};

/// Takes those blocks out that were kept because the best speed was not known yet, or the wait was over.
/// Where fewer than `min_blocks` of a session would stay, or not all of fewer, it goes as a `whole`, to be
/// timed again; else all of it stays, and is counted. How many sessions went.
std::int64_t drop_unquiet(StageTimes& times, double best_speed, std::int64_t min_blocks, bool whole);

/// Appends a session's blocks to `times`; sessions are open on all lanes. `first` has been run already, as
/// the first warm-up pass. `on_block` hears of each block, and of how much of the time is spent.
void time_session(Lanes& lanes, const Plan& plan, Device& device, const PassTimes& first,
                  const SessionRule& rule, const Watch& watch, const Surroundings& beside, StageTimes& times,
                  const std::function<void(std::int64_t, double)>& on_block);

}  // namespace assay
