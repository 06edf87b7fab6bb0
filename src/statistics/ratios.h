// SPDX-License-Identifier: Apache-2.0
// Figures made of other figures, with their intervals.
#pragma once

#include "statistics/blocks.h"

namespace assay {

/// amount / figure: throughput of a time. Decreasing, so the interval's ends swap and it holds as often as
/// the figure's own. No interval where the figure's reaches down to 0. (Of a median; amount / p90 of the
/// times is the rates' p10.) Variances are carried to first order.
Estimate rate(const Estimate& figure, double amount);

/// figure / peak: a share of a peak that was itself measured. The interval is [low / high, high / low] of the
/// two. With independent errors it holds more often than each of them, and as often when the errors work
/// against each other in full (tests/statistics/coverage_test.cpp). None where the peak has none.
Estimate share_of(const Estimate& figure, const Estimate& peak);

/// figure / peak for a peak that is known (a datasheet's).
Estimate share_of(const Estimate& figure, double peak);

}  // namespace assay
