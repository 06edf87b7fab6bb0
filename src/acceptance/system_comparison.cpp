// SPDX-License-Identifier: Apache-2.0
#include "acceptance/system_comparison.h"

#include <algorithm>

#include "analyse/log_mean.h"

namespace assay {
namespace {

/// "llm/model/bf16/batch=1,in_flight=2" without "bf16", or without "in_flight=2".
std::string without(const std::string& id, const std::string& setting, const Json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  std::string out, part;
  const auto end = [&](char with) {
    if (part != text && part != setting + "=" + text) out += part + (with == 0 ? "" : std::string(1, with));
    part.clear();
  };
  for (const char c : id) {
    if (c == '/' || c == ',')
      end(c);
    else
      part += c;
  }
  end(0);
  while (out.ends_with('/') || out.ends_with(',')) out.pop_back();
  return out;
}

CaseResult aligned(const CaseResult& one, const Json& at) {
  CaseResult copy = one;
  for (const auto& [setting, value] : at.items()) {
    copy.id = without(copy.id, setting, value);
    copy.axes.erase(setting);
  }
  return copy;
}

}  // namespace

std::vector<Result> as_results(std::span<const Result> results, const Summary& summary,
                               const std::vector<System>& systems) {
  std::vector<Result> all;
  for (const System& system : systems) {
    const Result& of = results[summary.cases[system.cases.front()].result];
    // Without its cases, which are most of it.
    Result one{.schema = of.schema,
               .tool = of.tool,
               .name = of.name,
               .label = system.label,
               .title = of.title,
               .started_at = of.started_at,
               .finished_at = of.finished_at,
               .status = of.status,
               .cases_planned = of.cases_planned,
               .config = of.config,
               .command = of.command,
               .environment = of.environment,
               .devices = {},
               .cases = {},
               .warnings = of.warnings,
               .interleaving = of.interleaving};
    const std::string& id = summary.devices[system.device].id;
    std::ranges::copy_if(of.devices, std::back_inserter(one.devices),
                         [&](const DeviceResult& device) { return device.id == id; });
    for (const std::size_t c : system.cases)
      one.cases.push_back(aligned(of.cases[summary.cases[c].index], system.at));
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<Rank> ranks_of(const ResultsComparison& comparison, const Summary& summary,
                           const std::vector<System>& systems, const std::optional<Preference>& prefer) {
  std::vector<Rank> ranks = {{.system = 0, .ratio = 1, .low = 1, .high = 1}};
  for (const Against& against : comparison.others) {
    LogMean mean;
    if (prefer) {
      for (const ComparedCase& c : against.cases) {
        const std::size_t index = systems[against.result].cases[c.other_index];
        if (!is_meant(prefer->choice, summary.cases[index])) continue;
        for (const MetricComparison& m : c.of.metrics)
          if (m.metric == prefer->metric && m.ratio) mean.add(*m.ratio, m.low, m.high);
      }
    } else {
      for (const WorkloadMean& m : against.means)
        if (!m.workload.empty()) mean.add(m.ratio, m.low, m.high);
    }
    if (!mean.empty())
      ranks.push_back(
          {.system = against.result, .ratio = mean.ratio(), .low = mean.low(), .high = mean.high()});
  }
  return ranks;
}

}  // namespace assay
