// SPDX-License-Identifier: Apache-2.0
#include "measure/machine_watch.h"

namespace assay {

void MachineWatch::add(const HostCounters& before, const HostCounters& after) {
  all_.add(before, after);
  stretch_.add(before, after);
  stretch_s_ += after.at_s - before.at_s;
  if (stretch_s_ < kLeastSeconds) return;
  if (const auto share = stretch_.activity().others_share) others_.blocks.push_back({*share});
  stretch_ = {};
  stretch_s_ = 0;
}

}  // namespace assay
