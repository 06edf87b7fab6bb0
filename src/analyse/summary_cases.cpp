// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "analyse/case_ids.h"
#include "analyse/case_settings.h"
#include "analyse/excess.h"
#include "analyse/summary_parts.h"
#include "base/units.h"

namespace assay {

std::string text_of(const Json& value) {
  if (value.is_number_float()) return number_text(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

namespace {

/// What no figure of the case may be shown without: "skew 1.05".
std::string conditions_of(const CaseResult& one) {
  std::string text;
  for (const std::string& name : one.conditions)
    if (const auto fact = std::ranges::find(one.facts, name, &Fact::name); fact != one.facts.end())
      text += (text.empty() ? "" : ", ") + name + " " + text_of(fact->value);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::optional<std::int64_t> parameters_of(const CaseResult& one) {
  const auto fact = std::ranges::find(one.facts, "parameters", &Fact::name);
  return fact != one.facts.end() && fact->value.is_number_integer()
             ? std::optional(fact->value.get<std::int64_t>())
             : std::nullopt;
}

/// Index of a case's device among all; a result that names a device it does not list gets one without facts.
std::size_t device_of(Summary& summary, std::span<const Result> results, std::size_t result,
                      const std::string& id) {
  std::size_t index = 0;
  for (std::size_t r = 0; r < results.size(); ++r)
    for (const DeviceResult& device : results[r].devices) {
      if (r == result && device.id == id) return index;
      ++index;
    }
  for (; index < summary.devices.size(); ++index)
    if (summary.devices[index].id == id && summary.devices[index].result == shown_name(results[result]))
      return index;
  DeviceSummary device;
  device.label = device.id = id;
  device.result = shown_name(results[result]);
  summary.devices.push_back(std::move(device));
  return index;
}

/// What all ids share goes to common_id.
void shorten_ids(Summary& summary) {
  std::vector<std::string_view> ids;
  for (const CaseSummary& c : summary.cases) ids.emplace_back(c.id);
  summary.common_id = common_start(ids);
  for (CaseSummary& c : summary.cases) c.short_id = shortened_id(c.id, summary.common_id);
}

void count(Summary& summary, const CaseSummary& one) {
  switch (one.status) {
    case CaseStatus::ok: ++summary.ok; break;
    case CaseStatus::skipped: ++summary.skipped; break;
    case CaseStatus::failed: ++summary.failed; break;
    case CaseStatus::not_a_measurement: ++summary.not_a_measurement; break;
  }
  for (const Headline& h : one.headlines) {
    if (h.half_width && *h.half_width > summary.widest_interval.value_or(-1))
      summary.widest_interval = h.half_width;
    summary.fewest_sessions = std::min(h.sessions, summary.fewest_sessions.value_or(h.sessions));
    if (h.value && h.converged && !*h.converged) ++summary.not_converged;
  }
}

/// Its figures are given where it is a measurement, and nowhere else.
void add_figures(CaseSummary& summary, const CaseResult& one, const Result& result) {
  if (one.status != CaseStatus::ok) return;
  static const DeviceResult kUnknownDevice;
  const auto found = std::ranges::find(result.devices, one.device, &DeviceResult::id);
  const DeviceResult& device = found == result.devices.end() ? kUnknownDevice : *found;
  summary.disturbed = !one.warnings.empty();
  summary.headlines = headlines_of(one);
  summary.ceilings = ceilings_of(one, device);
  summary.floor_s = device.peaks.launch_s;
  summary.way = way_of(one, device);
  for (const StageResult& stage : one.stages) {
    StageSummary figures = summary_of(stage, summary);
    for (std::size_t i = 0; i < stage.ops.size(); ++i)
      if (served_by_cache(stage.ops[i], Roof(stage.ops[i], one, device), device.cache_bytes))
        figures.in_cache.push_back(i);
    add_lookups(figures, stage, device.cache_bytes);
    add_energy(figures, stage, one);
    summary.stages.push_back(std::move(figures));
  }
}

}  // namespace

void add_cases(Summary& summary, std::span<const Result> results) {
  for (std::size_t r = 0; r < results.size(); ++r)
    for (std::size_t i = 0; i < results[r].cases.size(); ++i) {
      const CaseResult& c = results[r].cases[i];
      CaseSummary one{.id = c.id, .short_id = c.id, .workload = c.workload, .model = c.model};
      one.device = device_of(summary, results, r, c.device);
      one.conditions = conditions_of(c);
      one.settings = settings_of(c, results[r]);
      one.parameters = parameters_of(c);
      one.status = c.status;
      one.reason = c.reason;
      one.result = r;
      one.index = i;
      add_figures(one, c, results[r]);
      count(summary, one);
      summary.cases.push_back(std::move(one));
    }
  shorten_ids(summary);
}

}  // namespace assay
