// SPDX-License-Identifier: Apache-2.0
#include "analyse/session_costs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "statistics/statistics.h"

namespace assay {
namespace {

using Draws = std::span<const std::vector<double>>;

std::optional<double> figure_of(Draws blocks, Stat stat) {
  std::vector<double> values;
  for (const auto& block : blocks) {
    if (block.empty()) continue;
    if (stat == Stat::median)
      values.push_back(median(block));
    else
      values.insert(values.end(), block.begin(), block.end());
  }
  if (values.empty()) return std::nullopt;
  switch (stat) {
    case Stat::median: return median(values);
    case Stat::p90: return supported_percentile(values, 0.9);
    case Stat::p99: return supported_percentile(values, 0.99);
    case Stat::mean: return mean(values);
    case Stat::min: return std::ranges::min(values);
    case Stat::max: return std::ranges::max(values);
    case Stat::count: break;
  }
  return std::nullopt;
}

}  // namespace

std::vector<double> session_costs(const CaseResult& one, const MetricResult& metric) {
  const auto found = one.series.find(metric.of);
  if (found == one.series.end()) return {};
  const SeriesResult& series = found->second;
  std::vector<std::int64_t> sizes = series.sessions;
  if (sizes.empty()) sizes = {std::ssize(series.blocks)};
  // Of a rate the draw is what it costs; a draw that is the figure itself costs more where lower is better.
  const double sign = metric.amount > 0 || metric.better == Better::lower ? 1 : -1;
  std::vector<double> costs;
  Draws left = series.blocks;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > std::ssize(left)) return {};
    const auto figure = figure_of(left.first(static_cast<std::size_t>(size)), metric.statistic);
    left = left.subspan(static_cast<std::size_t>(size));
    if (!figure || !(*figure > 0)) return {};
    costs.push_back(sign * std::log(*figure));
  }
  return costs;
}

bool in_turns(const std::vector<double>& base, const std::vector<double>& other, const Turns& turns) {
  return !turns.base.empty() && turns.base.size() == base.size() && turns.other.size() == other.size();
}

std::vector<Stratum> strata_of(std::vector<double> base, std::vector<double> other, const Turns& turns) {
  if (!in_turns(base, other, turns)) return {{std::move(base), std::move(other)}};
  std::map<std::size_t, Stratum> blocks;
  for (std::size_t i = 0; i < base.size(); ++i) blocks[turns.base[i]].base.push_back(base[i]);
  for (std::size_t i = 0; i < other.size(); ++i) blocks[turns.other[i]].other.push_back(other[i]);
  std::vector<Stratum> strata;
  for (auto& [number, stratum] : blocks) strata.push_back(std::move(stratum));
  return strata;
}

}  // namespace assay
