// SPDX-License-Identifier: Apache-2.0
// Results that differ in nothing (A against A), as the sessions of their figures; and suites resampled from
// them, by which the error rates of a gate are counted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/judge.h"
#include "result/result.h"
#include "statistics/shift.h"

namespace assay {

/// A figure that results have in common.
struct RecordedFigure {
  std::string case_id, device, metric, of;
  Stat statistic = Stat::median;
  Better better = Better::lower;
};

/// Session costs of a figure in two results that differ in nothing, by what they share: a stratum, or a block
/// of turns each.
using AaPair = std::vector<std::vector<Stratum>>;  // by figure

struct Recording {
  std::vector<RecordedFigure> figures;
  bool turns = false;
  std::int64_t sessions = 0;  // a side, the fewest
  /// Of runs as they are: session costs by run and figure; any two are a pair.
  std::vector<std::vector<std::vector<double>>> runs;
  /// Of interleaved ones: the pairs themselves.
  std::vector<AaPair> pairs;

  std::size_t pair_count() const;
  AaPair pair(std::size_t index) const;
  std::int64_t independent() const { return turns ? std::ssize(pairs) : std::ssize(runs); }
};

/// What results have in common under limits on losses: interleaved pairs make one recording, other results
/// the other; either may have no figures. Figures that a result does not have are left out.
struct Recordings {
  Recording runs, turns;
};
Recordings record(std::span<const Result> results, const Limits& limits);

/// Every other run (or pair), from `first` on: halves that know nothing of each other.
Recording every_other(const Recording& all, std::size_t first);

/// How far the figures lie apart. noise.cpp says how.
std::vector<Noise> noise_of(const Recording& recording);

/// What each figure is judged by; of its names the one that was recorded.
struct FigureLimit {
  const Limit* limit = nullptr;
  const Noise* noise = nullptr;  // may be none
};
std::vector<FigureLimit> figure_limits(const Recording& recording, const Limits& limits);

/// The pairs as they were recorded, each judged as a gate does.
struct PairCounts {
  std::int64_t pairs = 0, alarms = 0,
               undecided = 0;  // pairs in which a figure failed; in which none was, but undecided
};
PairCounts judge_pairs(const Recording& recording, const Limits& limits);

struct FigureRates {
  std::int64_t alarms = 0;  // suites in which this figure failed although nothing changed
  /// The loss, in every draw, that fails in 95 % of the suites; nothing where none does.
  std::optional<double> caught_loss;
};
struct SuiteRates {
  std::int64_t suites = 0, alarms = 0, undecided = 0;
  std::vector<FigureRates> figures;
};

/// Suites of pairs drawn at random, their sessions (or blocks of turns) drawn anew with replacement, each
/// judged as a gate does. `bounds`: one a figure's limit; the noise of `limits` applies.
SuiteRates rates_of(const Recording& recording, const Limits& limits, std::int64_t suites,
                    std::uint64_t seed);

}  // namespace assay
