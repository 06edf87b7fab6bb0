// SPDX-License-Identifier: Apache-2.0
// What every implementation of a stage must do that does its ops' FLOPs, however it fuses them: the work of
// its bound. Kernels with algorithms of fewer FLOPs (Kernel::flops_saved) lower it.
#pragma once

#include <map>

#include "base/path.h"
#include "plan/plan.h"

namespace assay {

struct CompulsoryWork {
  std::map<DType, double> flops;  // by number format: their units may work at once
  BytesByPath bytes;
};

/// All FLOPs of one run of the stage, and the bytes that cross a path all the same: weights once, state, the
/// plan's inputs; nothing that a step makes and another one takes.
CompulsoryWork compulsory_work(const Plan& plan, const Stage& stage);

}  // namespace assay
