// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace assay {

/// When sampling ends: the 95 % interval of the median is within `target_ci` of it (after at least
/// `min_samples` and `min_seconds`), or `max_seconds` have passed.
struct StopRule {
  double target_ci = 0.01;  // half width of the interval / median
  double min_seconds = 0.5;
  double max_seconds = 15;
  std::int64_t min_samples = 10;
  std::int64_t max_samples = 100000;
};

}  // namespace assay
