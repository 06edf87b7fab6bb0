// SPDX-License-Identifier: Apache-2.0
// When to stop sampling. Knows neither what is timed nor on what; the clock comes from outside, so that tests
// script it.
//
// Warm-up: samples are taken in batches and thrown away until the medians of two successive batches agree, or
// the warm-up's share of the time is spent: clocks rise, caches and page tables fill, and the first figures
// are not those of a machine at work. Sampling: until the stop rule holds (plan/stop_rule.h); the result
// says which of its ends it was. Nothing is dropped: a slow sample is a sample.
//
// What is judged are series of draws in blocks (statistics/blocks.h): draws of a block hang together, and
// blocks are what an interval is made of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "plan/stop_rule.h"
#include "statistics/blocks.h"

namespace assay {

enum class SamplingEnd : std::uint8_t { converged, max_seconds, max_samples, gave_up, interrupted };
std::string_view text_of(SamplingEnd end);

/// What sampling needs to know of the world.
struct Watch {
  std::function<double()> now_s;
  std::function<bool()> interrupted;  // may be empty: never

  bool stopped() const { return interrupted && interrupted(); }
};
/// steady_clock.
Watch real_watch(std::function<bool()> interrupted = {});

/// Is work warm yet? Asked after each batch with the batch's median (one for each of the things timed).
class WarmUp {
 public:
  static constexpr double kShare = 0.1;       // of StopRule::max_seconds, at most
  static constexpr double kAgreement = 0.03;  // of successive medians
  WarmUp(const StopRule& rule, const Watch& watch);

  /// True when warm-up is over: `settled()` says whether the medians agreed or time ran out.
  bool done(std::vector<double> medians);
  bool out_of_time() const { return watch_.now_s() >= deadline_s_; }
  bool settled() const { return settled_; }

 private:
  const double agreement_, deadline_s_;
  const Watch& watch_;
  std::vector<double> last_;
  bool settled_ = false;
};

/// Has sampling ended? Asked between blocks, for one or more series that are sampled together.
class StopJudge {
 public:
  /// Fewer than `min_blocks` are never enough, however long they take: until rule.give_up_s().
  StopJudge(const StopRule& rule, const Watch& watch, std::int64_t min_blocks = kMinBlocks);
  std::optional<SamplingEnd> end(std::span<const BlockedSeries> series);
  /// Blocks were taken out of the series.
  void look_again() { next_check_ = 0; }

 private:
  const StopRule rule_;
  const Watch& watch_;
  const std::size_t min_blocks_;
  const double started_s_;
  std::size_t next_check_ = 0;  // sorting at every block would take longer than short blocks do
};

struct Samples {
  std::vector<double> seconds;  // of one launch, in the order taken
  std::int64_t repeats = 1;     // launches in a sample; a sample's value is its time / repeats
  std::int64_t warm_up = 0;     // samples thrown away
  bool settled = false;         // warm-up ended because figures agreed
  SamplingEnd end = SamplingEnd::interrupted;
};

/// Repeats are chosen so that a sample lasts at least `shortest_s`, below which the clock's own steps show.
struct SampleLimits {
  double shortest_s = 200e-6;
  std::int64_t max_repeats = 1 << 16;
};

/// Does the work so often and gives the seconds of it all.
using Take = std::function<double(std::int64_t repeats)>;

/// Whether the samples so far, a series for each piece of work and a block for each round, tell what was to
/// be told. Then sampling ends as converged, however few they are.
using Told = std::function<bool(std::span<const BlockedSeries>)>;

/// Samples several pieces of work in rounds, one sample of each in a round, so that a machine that slows down
/// meanwhile slows them all, until the rule holds for all or they have `told`. A Samples each, in their
/// order.
std::vector<Samples> sample_together(std::span<const Take> takes, const StopRule& rule,
                                     const SampleLimits& limits, const Watch& watch, const Told& told = {});
Samples sample(const Take& take, const StopRule& rule, const SampleLimits& limits, const Watch& watch);

}  // namespace assay
