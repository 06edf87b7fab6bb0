// SPDX-License-Identifier: Apache-2.0
// What others did on the machine while blocks were timed: over the case, and in stretches long enough to
// tell.
#pragma once

#include "device/host_watch.h"
#include "statistics/blocks.h"

namespace assay {

class MachineWatch {
 public:
  /// The kernel counts time in ticks of 10 ms: a share over less than this would be noise.
  static constexpr double kLeastSeconds = 0.2;

  /// Counters before and after a block.
  void add(const HostCounters& before, const HostCounters& after);

  HostActivity total() const { return all_.activity(); }
  /// The share that others took of the CPUs' time: a draw for each stretch of blocks of kLeastSeconds.
  const BlockedSeries& others() const { return others_; }

 private:
  HostTally all_, stretch_;
  double stretch_s_ = 0;
  BlockedSeries others_;
};

}  // namespace assay
