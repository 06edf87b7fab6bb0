// SPDX-License-Identifier: Apache-2.0
#include "acceptance/sweep.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace assay {
namespace {

/// Settings of a load that say how much is asked for at once.
constexpr std::array<std::string_view, 2> kLoads = {"batch", "in_flight"};

std::vector<std::string> swept_settings(const std::vector<AcceptanceLimit>& limits) {
  std::vector<std::string> all(kLoads.begin(), kLoads.end());
  for (const AcceptanceLimit& limit : limits)
    if (limit.capacity && std::ranges::find(all, limit.capacity->of) == all.end())
      all.push_back(limit.capacity->of);
  return all;
}

/// All that two cases of a sweep share, as text; nothing where the case has no number there.
std::optional<std::string> key_of(const CaseSummary& one, const std::string& setting) {
  if (!setting_of(one, setting).is_number()) return std::nullopt;
  Json rest = one.settings;
  rest.erase(setting);
  return Json::array({one.workload, one.model, one.conditions, rest}).dump();
}

/// Of each workload and model the settings whose values are not the same in all of its cases.
using Varying = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

Varying varying_of(const Summary& summary) {
  Varying varying;
  std::map<std::pair<std::string, std::string>, const CaseSummary*> first;
  for (const CaseSummary& one : summary.cases) {
    const std::pair model(one.workload, one.model);
    const auto [at, is_new] = first.try_emplace(model, &one);
    if (is_new) continue;
    for (const CaseSummary* side : {&one, at->second})
      for (const auto& [name, value] : side->settings.items())
        if (setting_of(one, name) != setting_of(*at->second, name)) varying[model].insert(name);
  }
  return varying;
}

std::string spaced_out(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

/// What tells the case from others of its model, beside what is swept and what tells its system apart.
std::string others_of(const CaseSummary& one, const std::string& swept, const System& system,
                      const Varying& varying) {
  const auto names = varying.find({one.workload, one.model});
  if (names == varying.end()) return {};
  std::vector<std::string> texts;
  for (const auto& [name, value] : one.settings.items()) {
    if (name == swept || system.at.contains(name) || !names->second.contains(name)) continue;
    texts.push_back(value.is_string() ? value.get<std::string>() : spaced_out(name) + " " + value.dump());
  }
  return join(texts, ", ");
}

void sort_out(Sweep& sweep) {
  std::ranges::stable_sort(sweep.points, {}, &Sweep::Point::at);
  const auto twice = std::ranges::unique(sweep.points, {}, &Sweep::Point::at);
  sweep.points.erase(twice.begin(), twice.end());
}

/// The point's figure as the limit asks for it; nothing where the limit does not mean it.
std::optional<MeasuredFigure> judged(const Summary& summary, const Sweep::Point& point,
                                     const AcceptanceLimit& limit) {
  const CaseSummary& one = summary.cases[point.case_index];
  if (!is_meant(limit.choice, one)) return std::nullopt;
  return figure_of(summary, point.case_index, limit.metric, limit.statistic);
}

std::optional<Capacity> capacity_of(const Summary& summary, const Sweep& sweep,
                                    const AcceptanceLimit& limit) {
  Capacity capacity;
  bool holds = true;
  for (const Sweep::Point& point : sweep.points) {
    auto figure = judged(summary, point, limit);
    if (!figure) return std::nullopt;
    capacity.by_stand_in |= figure->stands_in;
    MeasuredFigure plain = *figure;
    plain.stands_in = false;  // a capacity is told of the median where that is all there is, and says so
    const Outcome outcome = is_met(plain, limit.at_most, limit.at_least).verdict;
    if (holds && outcome == Outcome::pass) capacity.value = point.at;
    if (holds && outcome != Outcome::pass) capacity.next = point.at;
    holds &= outcome == Outcome::pass;
    capacity.outcomes.push_back(outcome);
    capacity.figures.push_back(std::move(*figure));
  }
  capacity.sweep_ends = holds;
  return capacity;
}

/// The figures of all points, or nothing where one lacks it.
std::vector<MeasuredFigure> along(const Summary& summary, const Sweep& sweep, const std::string& metric) {
  std::vector<MeasuredFigure> figures;
  for (const Sweep::Point& point : sweep.points) {
    auto figure = figure_of(summary, point.case_index, metric);
    if (!figure || !figure->value) return {};
    figures.push_back(std::move(*figure));
  }
  return figures;
}

/// The rate that says how much is got for a time: made of the same draws, lacking that the first.
const Headline* rate_beside(const CaseSummary& one, const Headline& time) {
  const Headline* first = nullptr;
  for (const Headline& h : one.headlines) {
    if (h.better != Better::higher || !h.peak_of.empty() || !h.unit.ends_with("/s")) continue;
    if (h.of == time.of && h.statistic == Stat::median) return &h;
    if (first == nullptr) first = &h;
  }
  return first;
}

bool is_time(const Headline& h) {
  return h.better == Better::lower && h.unit == "s" && h.statistic == Stat::median;
}

}  // namespace

std::string setting_at(const std::string& name, double at) {
  return fmt::format("{} {}", spaced_out(name), at);
}

std::vector<Sweep> sweeps_of(const Summary& summary, const std::vector<System>& systems,
                             const std::vector<AcceptanceLimit>& limits) {
  std::vector<Sweep> sweeps;
  for (std::size_t s = 0; s < systems.size(); ++s)
    for (const std::string& setting : swept_settings(limits)) {
      std::map<std::string, std::size_t> known;  // key -> sweep
      const std::size_t first = sweeps.size();
      for (const std::size_t c : systems[s].cases) {
        const CaseSummary& one = summary.cases[c];
        const auto key = key_of(one, setting);
        if (!key) continue;
        const auto [at, is_new] = known.try_emplace(*key, sweeps.size());
        if (is_new)
          sweeps.push_back({.system = s,
                            .workload = one.workload,
                            .model = one.model,
                            .of = setting,
                            .others = {},
                            .points = {}});
        sweeps[at->second].points.push_back({setting_of(one, setting).get<double>(), c});
      }
      for (std::size_t i = first; i < sweeps.size(); ++i) sort_out(sweeps[i]);
      std::erase_if(sweeps, [](const Sweep& sweep) { return sweep.points.size() < 2; });
    }
  const Varying varying = varying_of(summary);
  for (Sweep& sweep : sweeps)
    sweep.others =
        others_of(summary.cases[sweep.points.front().case_index], sweep.of, systems[sweep.system], varying);
  return sweeps;
}

std::vector<Capacity> capacities_of(const Summary& summary, const std::vector<Sweep>& sweeps,
                                    const std::vector<AcceptanceLimit>& limits) {
  std::vector<Capacity> all;
  for (std::size_t l = 0; l < limits.size(); ++l)
    for (std::size_t s = 0; s < sweeps.size(); ++s) {
      if (limits[l].capacity && limits[l].capacity->of != sweeps[s].of) continue;
      auto capacity = capacity_of(summary, sweeps[s], limits[l]);
      if (!capacity) continue;
      capacity->limit = l;
      capacity->sweep = s;
      all.push_back(std::move(*capacity));
    }
  return all;
}

std::vector<TradeOff> trade_offs_of(const Summary& summary, const std::vector<Sweep>& sweeps,
                                    const std::vector<AcceptanceLimit>& limits) {
  std::vector<TradeOff> all;
  for (std::size_t s = 0; s < sweeps.size(); ++s) {
    const CaseSummary& first = summary.cases[sweeps[s].points.front().case_index];
    std::set<std::string> limited;
    const std::size_t before = all.size();
    const auto add = [&](const Headline& time, std::optional<std::size_t> limit) {
      const Headline* rate = rate_beside(first, time);
      if (rate == nullptr) return;
      TradeOff one{.sweep = s,
                   .limit = limit,
                   .times = along(summary, sweeps[s], time.metric),
                   .rates = along(summary, sweeps[s], rate->metric)};
      if (!one.times.empty() && !one.rates.empty()) all.push_back(std::move(one));
    };
    for (std::size_t l = 0; l < limits.size(); ++l) {
      const auto h = std::ranges::find(first.headlines, limits[l].metric, &Headline::metric);
      if (h != first.headlines.end() && is_time(*h) && limits[l].at_most &&
          is_meant(limits[l].choice, first) && limited.insert(h->metric).second)
        add(*h, l);
    }
    if (all.size() > before) continue;
    const auto time = std::ranges::find_if(first.headlines, is_time);
    if (time != first.headlines.end()) add(*time, {});
  }
  return all;
}

}  // namespace assay
