// SPDX-License-Identifier: Apache-2.0
#include "acceptance/evaluation.h"

#include <algorithm>

namespace assay {
namespace {

/// Two number formats move other bytes for the same task; two devices do the same work.
Alike alike_of(const Brief& brief) {
  return brief.across.empty() ? Alike::work : Alike::task;
}

void add_comparison(Evaluation& e, const Summary& summary, std::span<const Result> results,
                    const std::optional<Prices>& prices) {
  if (e.systems.size() < 2) return;
  e.as_results = as_results(results, summary, e.systems);
  ResultsComparison comparison = compare_results(e.as_results, prices, alike_of(e.brief));
  const bool any = std::ranges::any_of(comparison.others, [](const Against& a) { return !a.cases.empty(); });
  if (any) e.comparison = std::move(comparison);
}

void add_prices(Evaluation& e, const Summary& summary, std::span<const Result> results,
                const std::optional<Prices>& prices) {
  if (!prices) return;
  for (Contender& contender : e.contenders) {
    const System& system = e.systems[contender.system];
    const DeviceSummary& device = summary.devices[system.device];
    const Result& result = results[summary.cases[system.cases.front()].result];
    const auto found = std::ranges::find(result.devices, device.id, &DeviceResult::id);
    if (found == result.devices.end()) continue;
    contender.per_hour = price_per_hour(*prices, *found, system.label);
    if (!contender.per_hour) contender.per_hour = price_per_hour(*prices, *found, device.label);
  }
}

}  // namespace

Evaluation evaluate(Brief brief, const Summary& summary, std::span<const Result> results,
                    const std::optional<Prices>& prices) {
  Evaluation e{.brief = std::move(brief)};
  const std::vector<AcceptanceLimit>& limits = e.brief.acceptance;
  e.prices = prices;
  e.systems = systems_of(summary, e.brief.across);
  e.sweeps = sweeps_of(summary, e.systems, limits);
  e.capacities = capacities_of(summary, e.sweeps, limits);
  e.trade_offs = trade_offs_of(summary, e.sweeps, limits);
  e.verdicts = limit_verdicts(summary, e.systems, e.sweeps, e.capacities, limits);
  e.costs = costs_of(summary, results, e.systems, prices);
  add_comparison(e, summary, results, prices);
  e.contenders = contenders_of(e.systems, e.verdicts);
  add_prices(e, summary, results, prices);
  const std::vector<Rank> ranks =
      e.comparison ? ranks_of(*e.comparison, summary, e.systems, e.brief.prefer) : std::vector<Rank>();
  e.recommendation = answer_of({.brief = e.brief,
                                .summary = summary,
                                .systems = e.systems,
                                .verdicts = e.verdicts,
                                .ranks = ranks,
                                .contenders = e.contenders});
  return e;
}

}  // namespace assay
