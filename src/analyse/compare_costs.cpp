// SPDX-License-Identifier: Apache-2.0
// What the other gives for a watt, and for its money. What is not known is not guessed.
#include <algorithm>

#include "analyse/compare_parts.h"

namespace assay {
namespace {

constexpr double kItems = 1000;  // that costs are told of
constexpr double kSecondsOfHour = 3600;
constexpr double kWattsOfKilowatt = 1000;

bool is_rate(const MetricComparison& m) {
  return m.better == Better::higher && m.unit.ends_with("/s");
}

/// The case's first rate that can be compared; lacking that its first time.
const MetricComparison* main_figure(const Comparison& of) {
  const MetricComparison* time = nullptr;
  for (const MetricComparison& m : of.metrics) {
    if (!m.ratio || !m.base || !m.other) continue;
    if (is_rate(m)) return &m;
    if (time == nullptr && m.better == Better::lower && m.unit == "s") time = &m;
  }
  return time;
}

std::optional<double> power_of(const CaseResult& one) {
  return one.telemetry && one.telemetry->power_w && *one.telemetry->power_w > 0 ? one.telemetry->power_w
                                                                                : std::nullopt;
}

/// Costs of 1,000 items from a rate; of a time, of what the baseline does in an hour.
void add_costs(PerMoney& money, const MetricComparison& m) {
  const double base_hour = *money.base_per_hour, other_hour = *money.other_per_hour;
  if (is_rate(m)) {
    money.base_cost = base_hour / kSecondsOfHour / *m.base * kItems;
    money.other_cost = other_hour / kSecondsOfHour / *m.other * kItems;
  } else {
    money.base_cost = base_hour;
    money.other_cost = other_hour * *m.other / *m.base;
  }
  if (*money.other_cost > 0) money.ratio = *money.base_cost / *money.other_cost;
}

std::string work_of(const MetricComparison& m) {
  if (!is_rate(m)) return "what the baseline does in an hour";
  const std::string items = m.unit.substr(0, m.unit.size() - 2);
  return "1,000 " + (items.empty() || items == "1" ? "items" : items);
}

}  // namespace

void add_per_watt(const Sides& sides) {
  for (ComparedCase& c : sides.out.cases) {
    const MetricComparison* figure = main_figure(c.of);
    const auto base = power_of(sides.base.cases[c.base_index]),
               other = power_of(sides.other.cases[c.other_index]);
    if (figure == nullptr || !base || !other) continue;
    c.per_watt = PerWatt{.metric = figure->metric,
                         .base_w = *base,
                         .other_w = *other,
                         .ratio = *figure->ratio * *base / *other};
  }
}

void add_per_money(const Sides& sides, const Prices& prices) {
  for (ComparedCase& c : sides.out.cases) {
    const MetricComparison* figure = main_figure(c.of);
    if (figure == nullptr) continue;
    const CaseResult &base = sides.base.cases[c.base_index], &other = sides.other.cases[c.other_index];
    PerMoney money{.metric = figure->metric, .work = work_of(*figure)};
    money.base_per_hour = price_per_hour(prices, device_of(sides.base, base), sides.base_label);
    money.other_per_hour = price_per_hour(prices, device_of(sides.other, other), sides.other_label);
    const auto base_w = power_of(base), other_w = power_of(other);
    if (!money.base_per_hour || !money.other_per_hour) {
      money.why =
          "the prices name no device of " + (money.base_per_hour ? sides.other_label : sides.base_label);
    } else {
      // On one side alone it would not be the same cost.
      money.with_power = prices.power_per_kwh && base_w && other_w;
      if (money.with_power) {
        *money.base_per_hour += *base_w / kWattsOfKilowatt * *prices.power_per_kwh;
        *money.other_per_hour += *other_w / kWattsOfKilowatt * *prices.power_per_kwh;
      }
      add_costs(money, *figure);
    }
    c.per_money = std::move(money);
  }
}

}  // namespace assay
