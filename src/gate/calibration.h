// SPDX-License-Identifier: Apache-2.0
// What a gate's limits are worth on a machine, found from results that differ in nothing: how often it would
// cry wolf, the smallest loss that it catches, and limits that keep a wanted rate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/limits.h"
#include "gate/recording.h"

namespace assay {

struct CalibratedFigure {
  std::string case_id, device, metric, of;
  Stat statistic = Stat::median;
  double floor = 0;                   // 95th percentile of |A/A ratio - 1|
  double bound = 0;                   // what the limits allow with this noise
  std::optional<double> caught_loss;  // in 95 % of suites
  double alarms = 0;                  // share of suites in which it failed
  double within = 0, between = 0;     // standard deviations: of sessions, and of results beyond them
};

/// Of results as they are, or of interleaved ones.
struct CalibratedKind {
  bool turns = false;
  std::int64_t results = 0, pairs = 0, sessions = 0;
  bool held_out = false;  // rates are of results that the bounds were not made from
  std::int64_t suites = 0;
  double alarms = 0, undecided = 0;  // shares of suites
  std::vector<CalibratedFigure> figures;
};

struct Calibration {
  Limits limits;  // with the noise, and widened until the wanted rate was kept
  std::vector<CalibratedKind> kinds;
  std::vector<std::string> notes;
};

/// Fewer results than this on a side of a split say nothing of rates.
inline constexpr std::int64_t kFewestHeldOut = 6;

/// Error(bad_input) where no two results have a figure in common. `suites` are resampled with `seed`.
Calibration calibrate(std::span<const Result> results, const Limits& limits, std::int64_t suites,
                      std::uint64_t seed);

/// How many sessions a side a loss needs to be caught with 95 %.
struct Planned {
  std::string case_id, device, metric;
  bool turns = false;
  std::optional<std::int64_t> sessions;  // nothing: more than kMostPlanned, or never
  std::optional<double> seconds;         // of those sessions, a side
  std::string why;                       // never, because
};
inline constexpr std::int64_t kMostPlanned = 1000;
/// `session_s`: what a session of all cases took.
std::vector<Planned> plan_sessions(const Calibration& calibration, double loss,
                                   const std::optional<double>& session_s);

}  // namespace assay
