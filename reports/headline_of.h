// SPDX-License-Identifier: Apache-2.0
// Figures of cases by their names.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "reports/view.h"

namespace assay {

inline const Headline* headline_of(const CaseSummary& c, const std::string& metric) {
  const auto found = std::ranges::find(c.headlines, metric, &Headline::metric);
  return found == c.headlines.end() ? nullptr : &*found;
}

struct Metric {
  std::string name, unit;
};

/// Each once, in the order of its first case.
inline std::vector<Metric> metrics_of(const View& view) {
  std::vector<Metric> all;
  for (const CaseSummary& c : view.cases)
    for (const Headline& h : c.headlines)
      if (std::ranges::find(all, h.metric, &Metric::name) == all.end()) all.push_back({h.metric, h.unit});
  return all;
}

}  // namespace assay
