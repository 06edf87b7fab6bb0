// SPDX-License-Identifier: Apache-2.0
// Figures above their ceiling: impossible ones. They stand as they are, with a warning: a probe was
// disturbed, or our count is wrong. An op whose data fit the last-level cache may well beat the memory: that
// is said beside it, and is no warning.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyse/ceilings.h"

namespace assay {

/// How far a figure may pass a measured peak before it counts as impossible: probes are measurements too.
inline constexpr double kProbeNoise = 1.02;

/// Whether an op beats the peak of memory, and may: all its data fit a cache of so many bytes, or it is
/// called several times in a row and what is above the peak is no more than the cache may have kept. `op` has
/// its of_peak.
bool served_by_cache(const OpResult& op, const Roof& roof, std::int64_t cache_bytes);

/// Gathered over cases, so that a sweep does not repeat itself.
class Excess {
 public:
  static bool is_one(const std::string& warning);          // of report()
  static void forget(std::vector<std::string>& warnings);  // of an earlier one

  /// `op` has its of_peak.
  void check(const OpResult& op, const Roof& roof, const DeviceResult& device);
  void check_shares(const CaseResult& one);
  void report(std::vector<std::string>& warnings) const;

 private:
  struct Entry {
    int count = 0;
    double excess = 0;
    std::string text, reason;
  };
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by device and op
  std::vector<std::string> shares_;
};

}  // namespace assay
