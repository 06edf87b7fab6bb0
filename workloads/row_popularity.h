// SPDX-License-Identifier: Apache-2.0
// How much of the traffic to several embedding tables a cache of so many rows can serve at best.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/zipf.h"

namespace assay {

class RowPopularity {
 public:
  /// `rows` and `lookups` (of a sample): a table each. All follow Zipf's law with this skew.
  RowPopularity(std::span<const std::int64_t> rows, std::span<const std::int64_t> lookups, double skew);

  /// Share of all lookups that fall on the `cached` rows that are looked up most, of whichever table.
  double share_of_best(std::int64_t cached) const;

 private:
  struct Table {
    ZipfLaw law;
    double lookups;
    /// Rows that are looked up at least so often a sample.
    std::int64_t at_least(double rate) const;
  };
  std::vector<Table> tables_;
  double lookups_ = 0;
};

}  // namespace assay
