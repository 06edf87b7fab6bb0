// SPDX-License-Identifier: Apache-2.0
#include "measure/candidates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "measure/cold_timer.h"
#include "statistics/statistics.h"

namespace assay {
namespace {

constexpr StopRule kBrief{.target_ci = 0.03, .min_seconds = 0, .max_seconds = 0.25};
constexpr double kRounds = 8;            // that there is time for, however many candidates there are
constexpr double kWorthSampling = 1.5;   // times the fastest of the first two rounds
constexpr std::size_t kClearRounds = 5;  // in a row: by chance, one of two that are alike wins 1 in 16 times

/// Null for one that does not run: a library may offer an algorithm and refuse it at the launch.
std::unique_ptr<Program> record(const Candidate& candidate, OpData& data, Lane& lane, const InputSets& sets) {
  candidate.kernel->use(candidate.variant);
  data.pack(*candidate.kernel);
  const auto launch = [&](Stream& stream) {
    for (std::size_t i = 0; i < sets.count(); ++i) candidate.kernel->launch(stream, sets[i], data.out());
  };
  try {
    launch(lane.stream());  // loads its code
    lane.synchronize();
    return lane.record(launch);
  } catch (const Error&) {
    lane.synchronize();  // throws again where the device itself is lost
    return nullptr;
  }
}

/// Those worth sampling.
std::vector<std::size_t> near_the_fastest(std::span<const Candidate> candidates,
                                          const std::vector<double>& first) {
  const double limit = kWorthSampling * *std::ranges::min_element(first);
  std::map<const Kernel*, double> best;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto at = best.emplace(candidates[i].kernel, first[i]).first;
    at->second = std::min(at->second, first[i]);
  }
  std::vector<std::size_t> near;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (std::isfinite(first[i]) && (first[i] <= limit || first[i] == best.at(candidates[i].kernel)))
      near.push_back(i);
  return near;
}

}  // namespace

bool one_is_faster(std::span<const BlockedSeries> series) {
  const std::size_t rounds = series.front().blocks.size();
  if (rounds < kClearRounds) return false;
  std::optional<std::size_t> winner;
  for (std::size_t round = rounds - kClearRounds; round < rounds; ++round) {
    const auto seconds = [&](const BlockedSeries& one) { return one.blocks[round].front(); };
    const auto first = std::ranges::min_element(series, {}, seconds);
    const double limit = (1 + kAsFast) * seconds(*first);
    if (std::ranges::count_if(series, [&](const auto& one) { return seconds(one) <= limit; }) > 1)
      return false;
    const auto index = static_cast<std::size_t>(first - series.begin());
    if (winner.value_or(index) != index) return false;
    winner = index;
  }
  return true;
}

InputSets::InputSets(OpData& data, Lane& lane, std::span<const std::size_t> inputs) : InputSets(data) {
  constexpr std::int64_t kWorthCopying = 1 << 20, kMostSets = 16, kShareOfMemory = 4;
  std::int64_t bytes = 0;
  for (const std::size_t input : inputs) bytes += data.in()[input].bytes;
  if (!lane.overlaps_launches() || bytes < kWorthCopying) return;
  const std::int64_t cache = lane.device().info().cache_bytes;
  const std::int64_t wanted = std::min(kMostSets, 2 * cache / bytes + 2);
  const std::int64_t room = lane.device().free_bytes() / kShareOfMemory / bytes;
  for (std::int64_t set = 1; set < std::min(wanted, room); ++set) {
    std::vector<Buffer> copy = sets_.front();
    for (const std::size_t input : inputs) {
      memory_.push_back(lane.device().allocate(copy[input].bytes));
      copy[input] = memory_.back()->buffer();
      lane.copy(copy[input], sets_.front()[input], copy[input].bytes);
    }
    sets_.push_back(std::move(copy));
  }
}

std::vector<Candidate> candidates_of(Kernel& kernel) {
  std::vector<Candidate> all;
  for (std::size_t v = 0; v < std::max<std::size_t>(1, kernel.variants().size()); ++v)
    all.push_back({&kernel, v});
  return all;
}

std::vector<double> time_candidates(std::span<const Candidate> candidates, OpData& data, Lane& lane,
                                    const Watch& watch, const InputSets& sets) {
  ColdTimer timer(lane);
  std::vector<std::unique_ptr<Program>> programs;
  std::vector<Take> takes;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    programs.push_back(record(candidates[i], data, lane, sets));
    takes.push_back([&, i](std::int64_t repeats) {
      candidates[i].kernel->use(candidates[i].variant);  // a program of some devices is the work itself
      const double seconds = timer.seconds(
          repeats, [&] { data.reset_in_place(); }, [&] { programs[i]->launch(lane.stream()); });
      return seconds / static_cast<double>(sets.count());
    });
  }

  std::vector<double> first(candidates.size(), INFINITY), medians(candidates.size(), INFINITY);
  const double began_s = watch.now_s();
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < takes.size() && !watch.stopped(); ++i)
      if (programs[i] != nullptr) first[i] = std::min(first[i], takes[i](1));
  const double take_s = (watch.now_s() - began_s) / static_cast<double>(2 * candidates.size());

  const std::vector<std::size_t> near = near_the_fastest(candidates, first);
  std::vector<Take> sampled;
  for (const std::size_t i : near) sampled.push_back(takes[i]);
  StopRule rule = kBrief;
  rule.max_seconds = std::max(rule.max_seconds, kRounds * take_s * static_cast<double>(near.size()));
  const std::vector<Samples> all = sample_together(sampled, rule, timer.limits(), watch, one_is_faster);
  for (std::size_t n = 0; n < near.size(); ++n)
    if (!all[n].seconds.empty()) medians[near[n]] = median(all[n].seconds);
  return medians;
}

std::size_t first_as_fast(std::span<const double> seconds) {
  const double limit = (1 + kAsFast) * *std::ranges::min_element(seconds);
  const auto first = std::ranges::find_if(seconds, [&](double s) { return s <= limit; });
  return static_cast<std::size_t>(first - seconds.begin());
}

void use_fastest_variant(Kernel& kernel, OpData& data, Lane& lane, const Watch& watch) {
  const std::vector<Candidate> all = candidates_of(kernel);
  if (all.size() > 1) kernel.use(first_as_fast(time_candidates(all, data, lane, watch, InputSets(data))));
}

}  // namespace assay
