// SPDX-License-Identifier: Apache-2.0
// Sets every measured time beside its physical ceiling. Does no I/O and measures nothing.
//
// For one call of an op, with `flops` and `bytes` of its declared cost and the peaks of its device and dtype:
//   compute_s = flops / peak FLOP/s      memory_s = bytes / peak bytes/s
//   of_peak = max(compute_s, memory_s) / time      bound = whichever of the two is larger
// A measured peak is the better of the probes before and after the cases: a machine that slowed down
// meanwhile does not flatter its ops. A stage's least time is the sum over its ops of calls * max(compute_s,
// memory_s).
#pragma once

#include "result/result.h"

namespace assay {

/// Fills share, achieved rates, intensity, bound and of_peak of every op that has a time; ceiling_s and
/// of_peak of every stage; ceiling of every metric that names its stage. What needs an unknown ceiling stays
/// unknown. A figure above its ceiling stands as it is, with a warning in Result::warnings. May be called
/// again.
void add_roofline(Result& result);

}  // namespace assay
