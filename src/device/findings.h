// SPDX-License-Identifier: Apache-2.0
// What about this machine would spoil a measurement of today, and what to do about it. A pure function of
// what was seen: `assay doctor` looks, tests script.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/host_watch.h"

namespace assay {

struct MachineFacts {
  HostActivity watched;  // while assay itself did nothing
  int threads = 1, cores = 1, cpus = 1;
  std::optional<double> quota_cpus;   // a control group's, in cpus' worth of time
  std::string pinned;                 // describe_binding()
  std::string governor, boost;        // "performance"; "on", "off"; "" unknown
  std::string transparent_hugepages;  // "always", "madvise", "never"; "" unknown
  std::vector<PeakDraw> probes;       // some time apart
};

struct Finding {
  std::string cause, remedy;
};

/// The worst first.
std::vector<Finding> findings_of(const MachineFacts& facts);

}  // namespace assay
