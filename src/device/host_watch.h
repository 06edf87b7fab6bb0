// SPDX-License-Identifier: Apache-2.0
// What others did on this machine while something was measured: the hypervisor that takes a cpu away,
// programs that run beside ours, a control group that holds us back. A GPU's run is disturbed by it too,
// since the host feeds the GPU. How much is too much is not said here.
//
// The kernel counts a cpu's time in /proc/stat in ticks of 10 ms, so a share of it means nothing over a short
// interval: it is given where its error (two standard deviations of what the rounding to ticks makes) is at
// most kShareError, on two cpus from 0.8 s. waited_share, counted in nanoseconds, is right for any interval.
// So: the shares of a case over all of it; of a block, what is not empty.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "device/control_group.h"
#include "device/machine.h"

namespace assay {

struct HostCounters {
  double at_s = 0;                                   // of the steady clock
  double own_cpu_s = 0;                              // CPU time of all threads of this process so far
  std::optional<std::int64_t> involuntary_switches;  // of this process
  struct Cpu {
    double total_s = 0, idle_s = 0, stolen_s = 0;
  };
  std::vector<Cpu> cpus;  // those watched; empty where the kernel does not count all of them
  struct Thread {
    std::int64_t id = 0;
    std::optional<double> waited_s;  // ready to run, but had no cpu
    std::optional<std::int64_t> migrations;
  };
  std::vector<Thread> threads;  // of this process
  std::vector<GroupThrottling> groups;
};

/// Takes 50 to 100 us with a few threads, about 15 us more with each. `cpus`: those to watch. A `root` of a
/// test stands for the files of /proc and /sys alone.
HostCounters read_host_counters(const std::filesystem::path& root = "/",
                                const std::vector<int>& cpus = process_cpus());

/// Empty: not known here, or not over so short an interval.
struct HostActivity {
  double wall_s = 0;
  std::optional<double> stolen_share;     // time the hypervisor took, of all time of the watched cpus
  std::optional<double> others_share;     // that, and CPU time of other programs and of the kernel's own work
  std::optional<double> throttled_share;  // the control group was stopped, of the time its quota would last
  std::optional<double>
      waited_share;  // the one of our threads that waited longest had no cpu, of the interval
  std::optional<std::int64_t> involuntary_switches, migrations;
};

/// Sums what happened in several intervals, such as the blocks of a case.
class HostTally {
 public:
  static constexpr double kShareError = 0.01;

  void add(const HostCounters& before, const HostCounters& after);
  HostActivity activity() const;

 private:
  void add_cpus(const HostCounters& before, const HostCounters& after);
  void add_threads(const HostCounters& before, const HostCounters& after);

  double wall_s_ = 0, cpu_s_ = 0;  // the second: over all watched cpus
  double rounding_ = 0;            // counters read, so many roundings to a tick
  std::optional<double> stolen_s_ = 0, busy_s_ = 0, throttled_s_ = 0, waited_s_ = 0;
  double own_s_ = 0;
  std::optional<std::int64_t> switches_ = 0, migrations_ = 0;
};

HostActivity activity_between(const HostCounters& before, const HostCounters& after);

}  // namespace assay
