// SPDX-License-Identifier: Apache-2.0
// Sets every measured time beside its physical ceiling. Does no I/O and measures nothing.
//
// For one call of an op, with its declared cost and the peaks of its case and dtype (ceilings.h), the least
// time is that of base/roofline.h, and of_peak = least time / time. A stage has two: its bound, which no
// implementation can beat (stage_bound.h), and the op-by-op estimate, the sum over its ops of calls * least
// time. What rests on a peak that moved is withheld: a share of it would say nothing.
#pragma once

#include "analyse/stage_bound.h"
#include "result/result.h"

namespace assay {

/// A call whose time is within this factor of the shortest useful launch is bound by launching.
inline constexpr double kLaunchFactor = 2;

/// Fills share, achieved rates, intensity, bound and of_peak of every op that has a time; bound_s, ceiling_s
/// and the shares of every stage; ceiling of every metric that is made of a stage's times, at its bound. What
/// needs an unknown ceiling stays unknown. A figure above its ceiling stands as it is, with a warning in
/// Result::warnings. May be called again.
void add_roofline(Result& result);

}  // namespace assay
