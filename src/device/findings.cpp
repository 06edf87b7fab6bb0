// SPDX-License-Identifier: Apache-2.0
#include "device/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/units.h"
#include "result/result.h"

namespace assay {
namespace {

constexpr double kTakenByOthers = 0.02;  // share of the CPU time
constexpr double kProbesApart = 0.10;    // a peak that moves so much is no yardstick

using Findings = std::vector<Finding>;

void others(const MachineFacts& facts, Findings& found) {
  const HostActivity& seen = facts.watched;
  if (!seen.others_share)
    found.push_back(
        {"what others use of these cpus cannot be seen (/proc/stat)",
         "a disturbed run would go unnoticed: measure outside this container, or compare sessions"});
  if (seen.stolen_share.value_or(0) > kTakenByOthers)
    found.push_back({fmt::format("the hypervisor took {} of the CPU time", percent_text(*seen.stolen_share)),
                     "measure on a machine whose cpus are not shared, or at another time"});
  const double programs = seen.others_share.value_or(0) - seen.stolen_share.value_or(0);
  if (programs > kTakenByOthers)
    found.push_back({fmt::format("other programs used {} of the CPU time: about {:.1f} of {} cpus",
                                 percent_text(programs), programs * facts.cpus, facts.cpus),
                     "end them (top shows which), or measure when they have ended"});
  if (seen.throttled_share.value_or(0) > 0)
    found.push_back({fmt::format("a control group held its processes back for {} of the time",
                                 percent_text(*seen.throttled_share)),
                     "raise its CPU quota, or end what else runs in it"});
}

void probes(const MachineFacts& facts, Findings& found) {
  std::map<std::string_view, std::vector<double>> rates;  // by a path, or a dtype
  for (const PeakDraw& draw : facts.probes) {
    if (draw.bytes_per_s) rates[name(Path::memory)].push_back(*draw.bytes_per_s);
    for (const auto& [dtype, rate] : draw.flops_per_s) rates[name(dtype)].push_back(rate);
  }
  for (const auto& [what, draws] : rates) {
    const auto [least, most] = std::ranges::minmax(draws);
    if (most <= least * (1 + kProbesApart)) continue;
    const std::string_view unit = peak_unit(what);
    found.push_back(
        {fmt::format("two probes of the {} peak reached {} and {}, within two seconds", peak_label(what),
                     si_text(draws.front(), unit), si_text(draws.back(), unit)),
         "something else uses this machine, or its clock moves: wait until it is quiet, and run again"});
  }
}

void threads(const MachineFacts& facts, Findings& found) {
  if (facts.quota_cpus && *facts.quota_cpus < facts.threads)
    found.push_back({fmt::format("a control group grants {:.3g} cpus' worth of time to {} threads: they are "
                                 "stopped when it is used up",
                                 *facts.quota_cpus, facts.threads),
                     "raise its CPU quota to a whole number, or set OMP_NUM_THREADS below it"});
  if (facts.threads > facts.cores)
    found.push_back({fmt::format("{} threads share {} cores (SMT siblings)", facts.threads, facts.cores),
                     fmt::format("set OMP_NUM_THREADS={}, or leave it unset", facts.cores)});
  if (facts.pinned.starts_with("no"))
    found.push_back({"threads are not bound to cores: " + facts.pinned,
                     "leave OMP_PROC_BIND unset, and allow sched_setaffinity where a sandbox forbids it"});
}

void settings(const MachineFacts& facts, Findings& found) {
  if (!facts.governor.empty() && facts.governor != "performance")
    found.push_back({"the cpufreq governor is " + facts.governor + ": clocks follow the load, late",
                     "cpupower frequency-set -g performance"});
  if (facts.boost == "on")
    found.push_back({"boost is on: clocks depend on temperature and on how many cores work",
                     "to compare over hours and machines switch it off: echo 0 > "
                     "/sys/devices/system/cpu/cpufreq/boost, or 1 > .../intel_pstate/no_turbo"});
  if (facts.transparent_hugepages == "never")
    found.push_back({"transparent huge pages are off: reading memory spends time on page walks",
                     "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"});
}

}  // namespace

Findings findings_of(const MachineFacts& facts) {
  Findings found;
  others(facts, found);
  probes(facts, found);
  threads(facts, found);
  settings(facts, found);
  return found;
}

}  // namespace assay
