// SPDX-License-Identifier: Apache-2.0
// The bound of a stage: what no implementation can beat on a device with these peaks, however it fuses ops.
#pragma once

#include <optional>

#include "result/result.h"

namespace assay {

/// The share of a least time that may rest on peaks that moved: of a tenth that is wrong by a fifth the whole
/// is wrong by a fiftieth.
inline constexpr double kMayRestOnMoved = 0.10;

struct StageBound {
  std::optional<double> measured_s;  // withheld where it rests on a peak that moved
  std::optional<double> sold_s;      // by datasheet
};

/// The longest of: compulsory FLOPs of each number format at its peak (their units may work at once), and
/// compulsory bytes of each path at its peak. Nothing where it meets an unknown peak, where the result does
/// not say what is compulsory, or of a stage of the host, whose work (decoding) FLOPs and bytes do not tell.
StageBound bound_of(const StageResult& stage, const CaseResult& one, const DeviceResult& device);

/// The metric's value at the bound of its stage. In results without bounds `ceiling` was at the op-by-op
/// estimate, which is none: nothing.
std::optional<double> at_bound(const MetricResult& metric, const CaseResult& one);

/// The stage that a series is of ("stage/decode"), or null.
const StageResult* stage_of(const std::string& series, const CaseResult& one);

}  // namespace assay
