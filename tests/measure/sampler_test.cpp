// SPDX-License-Identifier: Apache-2.0
#include "measure/sampler.h"

#include <gtest/gtest.h>

#include <vector>

namespace assay::sampler_tests {
namespace {

/// Work whose seconds a test writes down; its clock moves by what the work takes, and no real time passes.
struct Script {
  std::vector<double> seconds;  // of one launch, in order; the last ones repeat as a cycle of `cycle`
  std::size_t cycle = 1;
  double now_s = 100;
  std::size_t taken = 0;
  bool stop = false;

  double next() {
    const std::size_t i =
        taken < seconds.size() ? taken : seconds.size() - cycle + (taken - seconds.size()) % cycle;
    ++taken;
    return seconds[i];
  }
  double take(std::int64_t repeats) {
    double sum = 0;
    for (std::int64_t i = 0; i < repeats; ++i) sum += next();
    now_s += sum;
    return sum;
  }
  Watch watch() {
    return {.now_s = [this] { return now_s; }, .interrupted = [this] { return stop; }};
  }
  Samples sample(const StopRule& rule, const SampleLimits& limits = {}) {
    return assay::sample([this](std::int64_t repeats) { return take(repeats); }, rule, limits, watch());
  }
};

TEST(Sampler, StopsWhenTheIntervalIsNarrowEnough) {
  Script steady{.seconds = {0.1}};
  const Samples samples = steady.sample({.target_ci = 0.01, .min_seconds = 0.5, .max_seconds = 15});
  EXPECT_EQ(samples.end, SamplingEnd::converged);
  EXPECT_EQ(samples.seconds.size(), 6u);  // 0.6 s: both the fewest samples and min_seconds
  EXPECT_EQ(samples.repeats, 1);
  EXPECT_TRUE(samples.settled);
}

TEST(Sampler, GoesOnUntilMinSecondsHavePassed) {
  Script steady{.seconds = {0.1}};
  const Samples samples = steady.sample({.min_seconds = 3.05, .max_seconds = 15});
  EXPECT_EQ(samples.end, SamplingEnd::converged);
  EXPECT_NEAR(static_cast<double>(samples.seconds.size()), 31,
              3);  // the interval is not checked at every sample
}

TEST(Sampler, GivesUpAtMaxSecondsAndSaysSo) {
  Script never_settles{.seconds = {1.0, 2.0}, .cycle = 2};
  const Samples samples = never_settles.sample({.target_ci = 0.01, .max_seconds = 15});
  EXPECT_EQ(samples.end, SamplingEnd::max_seconds);
  EXPECT_EQ(samples.seconds.size(), 10u);  // 1 + 2 + 1 + ... reaches 15 s
}

TEST(Sampler, GivesUpAtMaxSamplesAndSaysSo) {
  Script never_settles{.seconds = {0.1, 0.2}, .cycle = 2};
  const Samples samples = never_settles.sample({.max_seconds = 1000, .max_samples = 8});
  EXPECT_EQ(samples.end, SamplingEnd::max_samples);
  EXPECT_EQ(samples.seconds.size(), 8u);
}

TEST(Sampler, ThrowsAwayWhatWasTakenBeforeBatchesAgree) {
  // Batches of five with medians 0.9, 0.5, 0.5: the second and third agree.
  Script warms_up{.seconds = {2, 0.9, 0.9, 0.8, 0.7, 0.5}};
  const Samples samples = warms_up.sample({.min_seconds = 1, .max_seconds = 150});
  EXPECT_EQ(samples.warm_up, 15);
  EXPECT_TRUE(samples.settled);
  for (const double seconds : samples.seconds) EXPECT_EQ(seconds, 0.5);
}

TEST(Sampler, WarmsUpForATenthOfMaxSecondsAtMost) {
  Script slow{.seconds = {4.0, 2.0, 1.0}, .cycle = 3};
  const Samples samples = slow.sample({.max_seconds = 20});
  EXPECT_EQ(samples.warm_up, 1);  // the first takes 4 s, and a tenth of 20 s was to be had
  EXPECT_FALSE(samples.settled);
}

TEST(Sampler, TakesBatchesOfWorkThatIsTooShortForTheClock) {
  Script tiny{.seconds = {1e-6}};
  const Samples samples = tiny.sample({.min_seconds = 0.01, .max_seconds = 1}, {.shortest_s = 200e-6});
  EXPECT_GE(samples.repeats, 200);
  EXPECT_LE(samples.repeats, 300);
  EXPECT_NEAR(samples.seconds.front(), 1e-6, 1e-12);  // a sample is the time of one launch
}

TEST(Sampler, AClockThatShowsNothingEndsAtTheMostRepeats) {
  Script instant{.seconds = {0}};
  Samples samples;
  int calls = 0;
  const auto take = [&](std::int64_t) {
    instant.now_s += 0.1;
    ++calls;
    return 0.0;
  };
  samples = sample(take, {.max_seconds = 2}, {.shortest_s = 1e-4, .max_repeats = 1000}, instant.watch());
  EXPECT_EQ(samples.repeats, 1000);
  EXPECT_EQ(samples.end, SamplingEnd::max_seconds);  // no share of a median of 0 is narrow
  EXPECT_LT(calls, 50);
}

TEST(Sampler, SamplesInRoundsUntilAllHaveConverged) {
  Script clock;
  std::string order;
  int wild = 0;
  const std::vector<Take> takes = {
      [&](std::int64_t) {
        order += 'a';
        clock.now_s += 0.1;
        return 0.1;
      },
      [&](std::int64_t) {
        order += 'b';
        const double seconds = ++wild > 10 && wild < 40 && wild % 2 == 0 ? 0.4 : 0.2;  // after two batches
        clock.now_s += seconds;
        return seconds;
      }};
  const auto all = sample_together(takes, {.max_seconds = 100}, {}, clock.watch());
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i % 2 == 0 ? 'a' : 'b');
  EXPECT_EQ(all[0].seconds.size(), all[1].seconds.size());
  EXPECT_GT(all[0].seconds.size(), 20u);  // the steady one alone would have stopped at 6
  EXPECT_EQ(all[1].end, SamplingEnd::converged);
}

TEST(Sampler, StopsAsSoonAsTheSamplesHaveToldWhatIsAsked) {
  Script wild{.seconds = {0.1, 0.3}, .cycle = 2};
  const Take take = [&](std::int64_t repeats) { return wild.take(repeats); };
  const auto told = [](std::span<const BlockedSeries> series) { return series.front().blocks.size() == 4; };
  const auto all = sample_together({&take, 1}, {.max_seconds = 100}, {}, wild.watch(), told);
  EXPECT_EQ(all.front().seconds.size(), 4u) << "the interval is wide, and they are fewer than one is made of";
  EXPECT_EQ(all.front().end, SamplingEnd::converged);
}

TEST(Sampler, AnInterruptionKeepsWhatThereIs) {
  Script work{.seconds = {0.1, 0.3}, .cycle = 2};
  const auto take = [&](std::int64_t repeats) {
    work.stop = work.taken >= 200;
    return work.take(repeats);
  };
  const Samples samples = sample(take, {.max_seconds = 100}, {}, work.watch());
  EXPECT_EQ(samples.end, SamplingEnd::interrupted);
  EXPECT_FALSE(samples.seconds.empty());
}

/// A draw a block.
BlockedSeries blocks_of(const std::vector<double>& draws) {
  BlockedSeries series;
  for (const double draw : draws) series.blocks.push_back({draw});
  return series;
}

struct Judged {
  double now_s = 0;
  Watch watch{.now_s = [this] { return now_s; }, .interrupted = {}};
  std::vector<BlockedSeries> series;

  std::optional<SamplingEnd> end(StopJudge& judge, std::vector<BlockedSeries> given) {
    series = std::move(given);
    return judge.end(series);
  }
};

TEST(StopJudge, WaitsForEverySeries) {
  Judged at;
  StopJudge judge({.target_ci = 0.1, .min_seconds = 0, .max_seconds = 10}, at.watch);
  const BlockedSeries steady = blocks_of(std::vector<double>(20, 1.0)),
                      wild = blocks_of({1, 9, 9, 1, 1, 9, 1, 9});
  EXPECT_FALSE(at.end(judge, {steady, wild}).has_value());
  EXPECT_EQ(at.end(judge, {steady, steady}), SamplingEnd::converged);
  at.now_s = 10;
  EXPECT_EQ(at.end(judge, {steady, wild}), SamplingEnd::max_seconds);
}

TEST(StopJudge, TakesSixBlocksEvenWhenMaxSecondsIsOver) {
  Judged at;
  StopJudge judge({.max_seconds = 10, .give_up_seconds = 300}, at.watch);
  at.now_s = 50;
  EXPECT_FALSE(at.end(judge, {blocks_of({1, 2, 3, 4, 5})}).has_value());
  EXPECT_EQ(at.end(judge, {blocks_of({1, 5, 3, 4, 2, 6})}), SamplingEnd::max_seconds);
}

TEST(StopJudge, GivesUpOnABlockThatTakesForEver) {
  Judged at;
  StopJudge judge({.max_seconds = 10, .give_up_seconds = 300}, at.watch);
  at.now_s = 299;
  EXPECT_FALSE(at.end(judge, {blocks_of({100})}).has_value());
  at.now_s = 300;
  EXPECT_EQ(at.end(judge, {blocks_of({100})}), SamplingEnd::gave_up);
}

TEST(StopJudge, DrawsOfABlockAreNoBlocks) {
  // A thousand equal draws in three blocks that differ: nothing is known to a hundredth.
  Judged at;
  StopJudge judge({.target_ci = 0.01, .min_seconds = 0, .max_seconds = 10}, at.watch);
  BlockedSeries series;
  for (const double level : {1.0, 1.2, 1.1}) series.blocks.emplace_back(1000, level);
  EXPECT_FALSE(at.end(judge, {series}).has_value());
}

}  // namespace
}  // namespace assay::sampler_tests
