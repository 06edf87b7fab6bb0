// SPDX-License-Identifier: Apache-2.0
// Samples of time -> the figures of a result. The formulas are those of docs/measuring.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "plan/plan.h"
#include "plan/stop_rule.h"
#include "result/result.h"

namespace assay {

/// Everything that statistics can say of at least one sample.
MetricResult to_metric(std::vector<double> samples, std::string unit, std::string better);

/// Seconds, and whether their interval met the rule.
MetricResult time_metric(std::vector<double> seconds, const StopRule& rule);

/// A headline figure: each sample of the stage's time is converted, so that its interval is the figure's own.
/// Nothing where it needs a peak that is unknown here, or there are no samples.
std::optional<MetricResult> headline(const MetricSpec& spec, const Stage& stage,
                                     const std::vector<double>& stage_seconds, const Peaks& peaks,
                                     const StopRule& rule);

}  // namespace assay
