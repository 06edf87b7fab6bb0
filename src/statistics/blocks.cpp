// SPDX-License-Identifier: Apache-2.0
#include "statistics/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "statistics/neighbours.h"
#include "statistics/sessions.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"median", "p90", "p99", "mean", "min", "max", "count"};

// Units that these intervals need, found by simulation (docs/measuring.md): with fewer, those of skewed draws
// hold less often than 93 %.
constexpr std::int64_t kUnitsOfMean = 100, kUnitsOfP90 = 200, kUnitsOfP99 = 1000;

using Blocks = std::vector<std::span<const double>>;

/// Sessions of blocks that have draws; a session without any is none.
std::vector<Blocks> sessions_of(const BlockedSeries& series) {
  std::vector<std::int64_t> sizes = series.sessions;
  if (sizes.empty()) sizes = {static_cast<std::int64_t>(series.blocks.size())};
  if (std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) !=
          static_cast<std::int64_t>(series.blocks.size()) ||
      std::ranges::any_of(sizes, [](std::int64_t size) { return size < 0; }))
    throw std::logic_error("the sessions' blocks do not add up to the series'");
  std::vector<Blocks> sessions;
  auto next = series.blocks.begin();
  for (const std::int64_t size : sizes) {
    Blocks blocks;
    for (std::int64_t i = 0; i < size; ++i, ++next)
      if (!next->empty()) blocks.emplace_back(*next);
    if (!blocks.empty()) sessions.push_back(std::move(blocks));
  }
  return sessions;
}

/// What an interval counts: sums and sizes of each unit, before merging.
struct Units {
  std::vector<double> sums, sizes;
  std::string_view called = "blocks";
};

template <typename Sum>
Units units_of(const std::vector<Blocks>& sessions, const Sum& sum) {
  Units units;
  const bool by_session = static_cast<std::int64_t>(sessions.size()) >= kFewestUnits;
  if (by_session) units.called = "sessions";
  for (const Blocks& session : sessions)
    for (std::size_t i = 0; i < session.size(); ++i) {
      if (i == 0 || !by_session) {
        units.sums.push_back(0);
        units.sizes.push_back(0);
      }
      units.sums.back() += sum(session[i]);
      units.sizes.back() += static_cast<double>(session[i].size());
    }
  return units;
}

/// Half the 95 % interval of the ratio of all sums to all sizes: the linearised estimator for clusters of any
/// sizes of W. G. Cochran, "Sampling Techniques" (1977), chapter 9A.
double half_width(const Units& units, std::int64_t merged) {
  const std::vector<double> sums = unit_sums(units.sums, merged), sizes = unit_sums(units.sizes, merged);
  const auto count = static_cast<double>(sums.size());
  const double size = mean(sizes), ratio = mean(sums) / size;
  double squares = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double residual = sums[i] - ratio * sizes[i];
    squares += residual * residual;
  }
  return student_t(sums.size() - 1) * std::sqrt(squares / (count - 1) / count) / size;
}

/// The interval of a quantile, from that of the share of values below it: R. S. Woodruff, "Confidence
/// Intervals for Medians and Other Position Measures", JASA 47 (1952). What would lie beyond the values ends
/// at the last.
Interval quantile_interval(std::vector<double> values, double p, double half) {
  const auto n = static_cast<double>(values.size());
  const auto at = [&](double rank) {  // from 1
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::clamp(rank, 1.0, n)) - 1;
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
  };
  return {at(std::floor(n * (p - half))), at(std::ceil(n * (p + half)) + 1)};
}

void take(Estimate& estimate, const Grouping& grouping) {
  estimate.units = grouping.units;
  estimate.merged = grouping.merged;
  estimate.hang_together = grouping.hang_together;
  estimate.lag1 = grouping.lag1;
}

/// "29 blocks, 4 taken as one"
std::string units_text(const Estimate& estimate, std::size_t before, std::string_view called) {
  return estimate.merged == 1 ? fmt::format("{} {}", before, called)
                              : fmt::format("{} {}, {} taken as one", before, called, estimate.merged);
}

std::string hang_together(const Estimate& estimate, std::size_t before, std::string_view called) {
  return fmt::format(
      "neighbours hang together ({}; rank correlation {:.2f}): the machine drifts, or this is too short to "
      "tell. Measure longer, on an idle machine",
      units_text(estimate, before, called), *estimate.lag1);
}

std::string too_few(std::int64_t needed, const Estimate& estimate, std::size_t before,
                    std::string_view called) {
  return fmt::format("an interval needs {} {} that do not hang together, here are {}", needed, called,
                     units_text(estimate, before, called));
}

void median_of_units(Estimate& estimate, const std::vector<double>& values, std::string_view called) {
  estimate.value = median(values);
  const std::vector<double> order = ranks(values), ones(values.size(), 1.0);
  take(estimate, group(order, ones));
  if (estimate.units < kFewestUnits) {
    estimate.why = too_few(kFewestUnits, estimate, values.size(), called);
  } else if (estimate.hang_together) {
    const auto [low, high] = std::ranges::minmax(values);
    estimate.ci95 = Interval{low, high};
    estimate.why = hang_together(estimate, values.size(), called);
  } else {
    estimate.ci95 = median_interval(values);  // exact for units of one block; merging may only widen it
    if (estimate.merged == 1) return;
    Units units{.sums = {}, .sizes = ones};
    for (const double value : values)
      units.sums.push_back(value < *estimate.value ? 1 : value == *estimate.value ? 0.5 : 0);
    const Interval wide = quantile_interval(values, 0.5, half_width(units, estimate.merged));
    estimate.ci95 =
        Interval{std::min(estimate.ci95->low, wide.low), std::max(estimate.ci95->high, wide.high)};
  }
}

void median_of(Estimate& estimate, const std::vector<Blocks>& sessions) {
  std::vector<std::vector<double>> blocks;  // medians, by session
  std::vector<double> figures;
  for (const Blocks& session : sessions) {
    auto& medians = blocks.emplace_back();
    for (const auto& block : session) medians.push_back(median(block));
    figures.push_back(median(medians));
  }
  if (const auto components = variance_components(blocks)) {
    estimate.within_variance = components->within;
    estimate.between_variance = components->between;
  }
  const auto count = static_cast<std::int64_t>(figures.size());
  if (count == 1) return median_of_units(estimate, blocks.front(), "blocks");
  if (count >= kFewestUnits) return median_of_units(estimate, figures, "sessions");
  const TwoLevel two = two_level(figures);
  estimate.value = two.value;
  estimate.ci95 = two.ci95;
  estimate.units = count;
  if (!two.ci95) estimate.why = "a session's median is not above 0: its interval needs 6 sessions";
}

/// Of all draws, counted by units. Not of two to five sessions, which are too few and their blocks no units.
template <typename Sum, typename Find>
void of_all_draws(Estimate& estimate, const std::vector<Blocks>& sessions, const Sum& sum,
                  std::int64_t units_needed, const Find& interval) {
  const Units units = units_of(sessions, sum);
  take(estimate, group(units.sums, units.sizes));
  const auto count = static_cast<std::int64_t>(sessions.size());
  if (count > 1 && count < kFewestUnits) {
    estimate.units = count;
    estimate.why =
        fmt::format("an interval of 2 to 5 sessions is given of the median alone, here are {}", count);
  } else if (estimate.hang_together) {
    estimate.why = hang_together(estimate, units.sums.size(), units.called);
  } else if (estimate.units < units_needed) {
    estimate.why = too_few(units_needed, estimate, units.sums.size(), units.called);
  } else {
    estimate.ci95 = interval(units);
  }
}

void percentile_of(Estimate& estimate, const std::vector<Blocks>& sessions, const std::vector<double>& draws,
                   double p) {
  estimate.value = supported_percentile(draws, p);
  if (!estimate.value || estimate.blocks < kFewestUnits) {
    estimate.value.reset();
    estimate.why = fmt::format("a p{:.0f} needs {} draws of {} blocks, here are {} of {}", 100 * p,
                               fewest_for_percentile(p), kFewestUnits, estimate.n, estimate.blocks);
    return;
  }
  const auto below = [&](std::span<const double> block) {
    return static_cast<double>(
        std::ranges::count_if(block, [&](double draw) { return draw <= *estimate.value; }));
  };
  of_all_draws(estimate, sessions, below, p >= 0.99 ? kUnitsOfP99 : kUnitsOfP90, [&](const Units& units) {
    return quantile_interval(draws, p, half_width(units, estimate.merged));
  });
}

void mean_of(Estimate& estimate, const std::vector<Blocks>& sessions, const std::vector<double>& draws) {
  estimate.value = mean(draws);
  const auto sum = [](std::span<const double> block) {
    return std::accumulate(block.begin(), block.end(), 0.0);
  };
  of_all_draws(estimate, sessions, sum, kUnitsOfMean, [&](const Units& units) {
    const double half = half_width(units, estimate.merged);
    return Interval{*estimate.value - half, *estimate.value + half};
  });
}

}  // namespace

std::span<const std::string_view> enum_names(Stat) {
  return kNames;
}
std::string_view name(Stat stat) {
  return kNames[static_cast<std::size_t>(stat)];
}

std::vector<double> all_draws(const BlockedSeries& series) {
  std::vector<double> draws;
  for (const auto& block : series.blocks) draws.insert(draws.end(), block.begin(), block.end());
  return draws;
}

Estimate estimate(const BlockedSeries& series, Stat stat) {
  const std::vector<Blocks> sessions = sessions_of(series);
  Estimate estimate;
  for (const auto& block : series.blocks) estimate.n += static_cast<std::int64_t>(block.size());
  for (const Blocks& blocks : sessions) estimate.blocks += static_cast<std::int64_t>(blocks.size());
  estimate.units = estimate.blocks;
  if (stat == Stat::count) {
    estimate.value = static_cast<double>(estimate.n);
  } else if (estimate.n == 0) {
    estimate.why = "nothing was measured";
  } else {
    switch (stat) {
      case Stat::median: median_of(estimate, sessions); break;
      case Stat::p90: percentile_of(estimate, sessions, all_draws(series), 0.9); break;
      case Stat::p99: percentile_of(estimate, sessions, all_draws(series), 0.99); break;
      case Stat::mean: mean_of(estimate, sessions, all_draws(series)); break;
      case Stat::min: estimate.value = std::ranges::min(all_draws(series)); break;
      case Stat::max: estimate.value = std::ranges::max(all_draws(series)); break;
      case Stat::count: break;
    }
  }
  if (estimate.why.empty() && !estimate.ci95)
    estimate.why = fmt::format("a {} is what was seen and has no interval", name(stat));
  return estimate;
}

std::optional<double> relative_half_width(const Estimate& estimate) {
  if (!estimate.ci95 || !estimate.value || *estimate.value == 0) return std::nullopt;
  return (estimate.ci95->high - estimate.ci95->low) / 2 / std::abs(*estimate.value);
}

bool is_converged(const Estimate& estimate, double target_ci) {
  const auto half = relative_half_width(estimate);
  return half && !estimate.hang_together && *half <= target_ci;
}

}  // namespace assay
