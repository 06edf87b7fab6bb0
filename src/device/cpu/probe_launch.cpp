// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "device/cpu/probe.h"

namespace assay {

double fork_join_s() {
  using Clock = std::chrono::steady_clock;
  constexpr int kGroups = 10, kRegions = 8;  // the clock is read once for so many regions
  constexpr double kEnoughSeconds = 0.1;     // a busy machine takes milliseconds for some of them
  std::array<double, 31> draws;
  double best = 0;
  const auto begin = Clock::now();
  const auto seconds_since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  for (int group = 0; group < kGroups && (group == 0 || seconds_since(begin) < kEnoughSeconds); ++group) {
    for (double& draw : draws) {
      const auto start = Clock::now();
      for (int i = 0; i < kRegions; ++i) {
#pragma omp parallel
        { asm volatile("" ::: "memory"); }
      }
      draw = seconds_since(start) / kRegions;
    }
    std::ranges::nth_element(draws, draws.begin() + draws.size() / 2);
    const double median = draws[draws.size() / 2];
    best = group == 0 ? median : std::min(best, median);
  }
  return best;
}

}  // namespace assay
