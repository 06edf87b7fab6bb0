// SPDX-License-Identifier: Apache-2.0
// Series of draws -> the figures of a result. The formulas are those of docs/measuring.md.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "device/device.h"
#include "plan/plan.h"
#include "plan/stop_rule.h"
#include "result/result.h"

namespace assay {

/// How far the draws of a probe lie apart, as a share of their median: from the 10th to the 90th percentile,
/// or of all where they are fewer than 10.
double movement_of(const BlockedSeries& probes);

/// A statistic of the draws, or of amount / draw.
MetricResult metric_of(const std::string& name, const SeriesResult& series, Stat stat, double amount,
                       const StopRule& rule);

/// A peak probed beside the blocks: its figure, in B/s or FLOP/s, whose `why` says that it moved; and what
/// shares are made of.
struct PeakFigure {
  MetricResult metric;
  Estimate estimate;
};
using PeakFigures = std::map<std::string, PeakFigure>;  // by a path, or a dtype
PeakFigures peaks_of(const std::map<std::string, BlockedSeries>& probes, const StopRule& rule);

/// A headline figure. A share carries the peak's own interval, and is withheld where the peak moved. Nothing
/// where its series has no draws, or its peak is unknown here: neither probed beside the blocks nor in
/// `before`.
std::optional<MetricResult> headline(const MetricSpec& spec,
                                     const std::map<std::string, SeriesResult>& series,
                                     const PeakFigures& peaks, const Peaks& before, const StopRule& rule);

}  // namespace assay
