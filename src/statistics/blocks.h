// SPDX-License-Identifier: Apache-2.0
// Figures and 95 % intervals of draws that hang together. Draws of one block (a pass, a request window) share
// what happened to it: the cache, the clock, a neighbour on the machine. They are not pooled as if each said
// something new: the block is the unit that an interval counts. The method, and how often its intervals hold
// in simulation, stand in docs/measuring.md ("Statistics"). Knows nothing of what was measured, nor of when
// to stop.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "statistics/statistics.h"

namespace assay {

/// Every raw draw once, in the order taken; all finite.
struct BlockedSeries {
  std::vector<std::vector<double>> blocks;
  std::vector<std::int64_t> sessions;  // blocks of each session, in order; empty: all are of one session
};
std::vector<double> all_draws(const BlockedSeries& series);

enum class Stat : std::uint8_t { median, p90, p99, mean, min, max, count };
std::span<const std::string_view> enum_names(Stat);  // as src/base/json_fields.h wants them
std::string_view name(Stat stat);

/// The least number of blocks (or of units that blocks were merged into) with which a 95 % interval of the
/// median exists. The same number of sessions makes sessions the units.
inline constexpr std::int64_t kFewestUnits = 6;

struct Estimate {
  std::optional<double> value;   // nothing without draws, or where too few lie beyond a percentile
  std::optional<Interval> ci95;  // nothing where the units do not support one
  std::int64_t n = 0;            // draws
  std::int64_t blocks = 0;       // that have draws
  std::int64_t units = 0;        // independent of each other, as far as can be seen: what the interval counts
  std::int64_t merged = 1;       // neighbouring blocks (sessions, from 6 on) in a unit
  bool hang_together = false;    // units are alike their neighbours even at the coarsest: not to be trusted
  std::optional<double> lag1;    // rank correlation of neighbouring blocks, before merging
  std::string why;  // no value, no interval, or not to be trusted: for people, with the remedy. Else ""

  // Of the blocks' medians, where there are two sessions or more; in the unit of the figure squared.
  std::optional<double> within_variance;   // between blocks of a session
  std::optional<double> between_variance;  // between sessions, beyond what the blocks' own scatter explains
};

/// The median is the median of the blocks' medians; with six sessions or more, of the sessions' (a session's
/// being the median of its blocks'); with two to five, the median of theirs in the middle of a two-level
/// interval. Percentiles and the mean are those of all draws. O(n log n).
Estimate estimate(const BlockedSeries& series, Stat stat);

/// Half the interval's width as a share of the figure.
std::optional<double> relative_half_width(const Estimate& estimate);

/// Narrow enough, and to be trusted.
bool is_converged(const Estimate& estimate, double target_ci);

}  // namespace assay
