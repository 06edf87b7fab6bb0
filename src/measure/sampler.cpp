// SPDX-License-Identifier: Apache-2.0
#include "measure/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "statistics/statistics.h"

namespace assay {
namespace {

constexpr std::size_t kBatch = 5;  // samples of a warm-up batch

/// Raises `samples.repeats` until they last long enough; the seconds of one launch in the last try.
double choose_repeats(const Take& take, const SampleLimits& limits, Samples& samples) {
  constexpr double kMargin = 1.2;  // the next try should pass
  for (;;) {
    const double seconds = take(samples.repeats);
    ++samples.warm_up;
    if (seconds >= limits.shortest_s || samples.repeats >= limits.max_repeats)
      return seconds / static_cast<double>(samples.repeats);
    const double factor = seconds > 0 ? std::min(100.0, kMargin * limits.shortest_s / seconds) : 100.0;
    const auto wanted = static_cast<std::int64_t>(std::ceil(static_cast<double>(samples.repeats) * factor));
    samples.repeats = std::clamp(wanted, samples.repeats + 1, limits.max_repeats);
  }
}

double take_one(const Take& take, const Samples& samples) {
  return take(samples.repeats) / static_cast<double>(samples.repeats);
}

/// Rounds that are thrown away. The last tries at the repeats are the first round.
void warm_up(std::span<const Take> takes, const StopRule& rule, const SampleLimits& limits,
             const Watch& watch, std::vector<Samples>& all) {
  WarmUp warm_up(rule, watch);
  std::vector<std::vector<double>> batch(takes.size());
  for (std::size_t i = 0; i < takes.size() && !watch.stopped(); ++i)
    batch[i].push_back(choose_repeats(takes[i], limits, all[i]));
  while (!watch.stopped()) {
    if (batch.front().size() >= kBatch || warm_up.out_of_time()) {
      std::vector<double> medians;
      for (auto& samples : batch) {
        medians.push_back(median(samples));
        samples.clear();
      }
      if (warm_up.done(std::move(medians))) break;
    }
    for (std::size_t i = 0; i < takes.size() && !watch.stopped(); ++i) {
      batch[i].push_back(take_one(takes[i], all[i]));
      ++all[i].warm_up;
    }
  }
  for (Samples& samples : all) samples.settled = warm_up.settled();
}

}  // namespace

std::string_view text_of(SamplingEnd end) {
  switch (end) {
    case SamplingEnd::converged: return "converged";
    case SamplingEnd::max_seconds: return "max_seconds";
    case SamplingEnd::max_samples: return "max_samples";
    case SamplingEnd::gave_up: return "gave_up";
    case SamplingEnd::interrupted: break;
  }
  return "interrupted";
}

Watch real_watch(std::function<bool()> interrupted) {
  return {.now_s =
              [] {
                const auto now = std::chrono::steady_clock::now().time_since_epoch();
                return std::chrono::duration<double>(now).count();
              },
          .interrupted = std::move(interrupted)};
}

WarmUp::WarmUp(const StopRule& rule, const Watch& watch)
    : agreement_(std::max(kAgreement, 2 * rule.target_ci)),
      deadline_s_(watch.now_s() + kShare * rule.max_seconds),
      watch_(watch) {}

bool WarmUp::done(std::vector<double> medians) {
  settled_ = last_.size() == medians.size();
  for (std::size_t i = 0; settled_ && i < medians.size(); ++i)
    settled_ = std::abs(medians[i] - last_[i]) <= agreement_ * last_[i];
  last_ = std::move(medians);
  return settled_ || out_of_time();
}

StopJudge::StopJudge(const StopRule& rule, const Watch& watch, std::int64_t min_blocks)
    : rule_(rule),
      watch_(watch),
      min_blocks_(static_cast<std::size_t>(min_blocks)),
      started_s_(watch.now_s()) {}

std::optional<SamplingEnd> StopJudge::end(std::span<const BlockedSeries> series) {
  if (watch_.stopped()) return SamplingEnd::interrupted;
  std::size_t blocks = static_cast<std::size_t>(-1), draws = blocks;
  for (const BlockedSeries& one : series) {
    blocks = std::min(blocks, one.blocks.size());
    std::size_t count = 0;
    for (const auto& block : one.blocks) count += block.size();
    draws = std::min(draws, count);
  }
  const double elapsed_s = watch_.now_s() - started_s_;
  if (blocks < min_blocks_)
    return elapsed_s >= rule_.give_up_s() ? std::optional(SamplingEnd::gave_up) : std::nullopt;

  const bool out_of_time = elapsed_s >= rule_.max_seconds;
  const bool out_of_samples = draws >= static_cast<std::size_t>(rule_.max_samples);
  if (elapsed_s >= rule_.min_seconds && (blocks >= next_check_ || out_of_time || out_of_samples)) {
    next_check_ = blocks + blocks / 10 + 1;
    const auto narrow = [&](const BlockedSeries& one) {
      return is_converged(estimate(one, Stat::median), rule_.target_ci);
    };
    if (std::ranges::all_of(series, narrow)) return SamplingEnd::converged;
  }
  if (out_of_time) return SamplingEnd::max_seconds;
  if (out_of_samples) return SamplingEnd::max_samples;
  return std::nullopt;
}

std::vector<Samples> sample_together(std::span<const Take> takes, const StopRule& rule,
                                     const SampleLimits& limits, const Watch& watch, const Told& told) {
  std::vector<Samples> all(takes.size());
  if (takes.empty()) return all;
  warm_up(takes, rule, limits, watch, all);

  std::vector<BlockedSeries> series(takes.size());  // a round is a block
  StopJudge judge(rule, watch);
  std::optional<SamplingEnd> end;
  while (!(end = judge.end(series))) {
    if (told && told(series)) {
      end = SamplingEnd::converged;
      break;
    }
    for (std::size_t i = 0; i < takes.size() && !watch.stopped(); ++i)
      series[i].blocks.push_back({take_one(takes[i], all[i])});
  }
  for (std::size_t i = 0; i < takes.size(); ++i) {
    all[i].end = *end;
    for (const auto& block : series[i].blocks) all[i].seconds.push_back(block.front());
  }
  return all;
}

Samples sample(const Take& take, const StopRule& rule, const SampleLimits& limits, const Watch& watch) {
  return std::move(sample_together({&take, 1}, rule, limits, watch).front());
}

}  // namespace assay
