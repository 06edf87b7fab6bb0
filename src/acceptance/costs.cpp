// SPDX-License-Identifier: Apache-2.0
#include "acceptance/costs.h"

#include <algorithm>

namespace assay {
namespace {

constexpr double kItems = 1e6;  // that costs are told of
constexpr double kSecondsOfHour = 3600, kWattsOfKilowatt = 1000;

/// Those of whole passes where there are some; else of every stage: a prompt's tokens cost less than an
/// answer's.
std::vector<const Headline*> rates_of(const CaseSummary& one) {
  std::vector<const Headline*> whole, stages;
  for (const Headline& h : one.headlines)
    if (h.better == Better::higher && h.peak_of.empty() && h.unit.ends_with("/s") && h.value && *h.value > 0)
      (h.of.starts_with("stage/") ? stages : whole).push_back(&h);
  return whole.empty() ? stages : whole;
}

std::optional<double> hourly(const Prices& prices, const Result& result, const DeviceSummary& device) {
  const auto found = std::ranges::find(result.devices, device.id, &DeviceResult::id);
  return found == result.devices.end() ? std::nullopt : price_per_hour(prices, *found, device.label);
}

}  // namespace

std::vector<CaseCost> costs_of(const Summary& summary, std::span<const Result> results,
                               const std::vector<System>& systems, const std::optional<Prices>& prices) {
  std::vector<CaseCost> all;
  for (std::size_t s = 0; s < systems.size(); ++s)
    for (const std::size_t c : systems[s].cases) {
      const CaseSummary& one = summary.cases[c];
      const Result& result = results[one.result];
      for (const Headline* rate : rates_of(one)) {
        CaseCost cost{.case_index = c,
                      .system = s,
                      .metric = rate->metric,
                      .work = "1,000,000 " + rate->unit.substr(0, rate->unit.size() - 2)};
        const double seconds = kItems / *rate->value;
        const auto& telemetry = result.cases[one.index].telemetry;
        if (telemetry && telemetry->power_w.value_or(0) > 0) {
          cost.power_w = telemetry->power_w;
          cost.energy_j = *telemetry->power_w * seconds;
        }
        if (prices) cost.per_hour = hourly(*prices, result, summary.devices[one.device]);
        if (cost.per_hour && prices->power_per_kwh && cost.power_w) {
          *cost.per_hour += *cost.power_w / kWattsOfKilowatt * *prices->power_per_kwh;
          cost.with_power = true;
        }
        if (cost.per_hour) cost.cost = *cost.per_hour / kSecondsOfHour * seconds;
        if (cost.cost || cost.energy_j) all.push_back(std::move(cost));
      }
    }
  return all;
}

}  // namespace assay
