// SPDX-License-Identifier: Apache-2.0
// Figures above their ceiling: impossible ones. They stand as they are, with a warning: the data fit in
// cache, a probe was disturbed, or our count is wrong.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyse/ceilings.h"

namespace assay {

/// How far a figure may pass a measured peak before it counts as impossible: probes are measurements too.
inline constexpr double kProbeNoise = 1.02;

/// Gathered over cases, so that a sweep does not repeat itself.
class Excess {
 public:
  static bool is_one(const std::string& warning);          // of report()
  static void forget(std::vector<std::string>& warnings);  // of an earlier one

  /// `op` has its of_peak.
  void check(const OpResult& op, const CaseCeiling& compute, const CaseCeiling& memory,
             const DeviceResult& device);
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
