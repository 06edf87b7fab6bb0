// SPDX-License-Identifier: Apache-2.0
// Cases that differ in one setting of their load alone, in its order: how far a limit holds along it, and
// what is gained by it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "acceptance/brief.h"
#include "acceptance/figure.h"
#include "acceptance/systems.h"

namespace assay {

/// "batch 8": a setting as people read it.
std::string setting_at(const std::string& name, double at);

/// Of one system and model.
struct Sweep {
  std::size_t system = 0;
  std::string workload, model, of;  // of: the setting, "batch"
  std::string others;               // settings that tell it from its like: "prompt tokens 512"
  struct Point {
    double at = 0;
    std::size_t case_index = 0;  // into Summary::cases
  };
  std::vector<Point> points;  // at least two, by `at`
};

/// Along "batch" and "in_flight", and what limits ask for besides.
std::vector<Sweep> sweeps_of(const Summary& summary, const std::vector<System>& systems,
                             const std::vector<AcceptanceLimit>& limits);

/// How far a limit holds along a sweep.
struct Capacity {
  std::size_t limit = 0, sweep = 0;
  std::optional<double> value;  // the largest at which it is met, as at all below it; nothing: at none
  bool sweep_ends = false;      // nothing larger was measured
  std::optional<double> next;   // the next larger one, at which it is missed or cannot be told
  bool by_stand_in = false;     // by the median, since draws do not support the percentile that is asked for
  std::vector<Outcome> outcomes;        // a point each
  std::vector<MeasuredFigure> figures;  // the same
};

/// Of the limits and the sweeps whose every case they mean, where each has the figure.
std::vector<Capacity> capacities_of(const Summary& summary, const std::vector<Sweep>& sweeps,
                                    const std::vector<AcceptanceLimit>& limits);

/// A time of a sweep's points beside the rate that is made of the same draws.
struct TradeOff {
  std::size_t sweep = 0;
  std::optional<std::size_t> limit;          // that is drawn
  std::vector<MeasuredFigure> times, rates;  // a point each
};

/// Of each sweep the times that limits are on; where there is no limit, its first.
std::vector<TradeOff> trade_offs_of(const Summary& summary, const std::vector<Sweep>& sweeps,
                                    const std::vector<AcceptanceLimit>& limits);

}  // namespace assay
