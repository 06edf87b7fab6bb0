// SPDX-License-Identifier: Apache-2.0
#include "measure/merged_turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "measure/case_warnings.h"
#include "measure/figures.h"

namespace assay {
namespace {

/// An operation's draws are one session's alone: where its turns timed operations too, those are left in
/// their own results.
bool is_of_an_op(const std::string& series) {
  return series.starts_with("op/");
}

bool has_draws(const CaseResult& one) {
  return std::ranges::any_of(
      one.series, [](const auto& of) { return !is_of_an_op(of.first) && !of.second.blocks.empty(); });
}

const CaseResult* find_case(const Result& result, const CaseResult& like) {
  const auto found = std::ranges::find_if(
      result.cases, [&](const CaseResult& one) { return one.id == like.id && one.device == like.device; });
  return found == result.cases.end() ? nullptr : &*found;
}

void append(SeriesResult& all, const SeriesResult& turn) {
  all.unit = turn.unit;
  if (turn.sessions.empty())
    all.sessions.push_back(std::ssize(turn.blocks));
  else
    all.sessions.insert(all.sessions.end(), turn.sessions.begin(), turn.sessions.end());
  all.blocks.insert(all.blocks.end(), turn.blocks.begin(), turn.blocks.end());
}

/// All that was timed while stages ran; operations, which are timed alone, stay.
void forget_figures(CaseResult& one) {
  std::erase_if(one.series, [](const auto& of) { return !is_of_an_op(of.first); });
  one.metrics.clear();
  one.peaks.clear();
  one.telemetry.reset();
  one.warnings.clear();
  for (StageResult& stage : one.stages) {
    stage.time_s.reset();
    stage.bound_s.reset();
    stage.ceiling_s.reset();
    stage.covered.reset();
    stage.of_bound = {};
    stage.of_peak = {};
  }
}

template <typename T, typename Of>
std::optional<T> folded(std::span<const CaseResult* const> turns, std::optional<T> TelemetryResult::*field,
                        Of of) {
  std::optional<T> all;
  for (const CaseResult* turn : turns)
    if (turn->telemetry && turn->telemetry.value().*field)
      all = all ? of(*all, *(turn->telemetry.value().*field)) : *(turn->telemetry.value().*field);
  return all;
}

/// Turns last about equally long, so that each counts the same.
std::optional<double> mean_of(std::span<const CaseResult* const> turns,
                              std::optional<double> TelemetryResult::*field) {
  std::optional<double> sum = folded(turns, field, std::plus<>());
  const auto known = std::ranges::count_if(turns, [&](const CaseResult* turn) {
    return turn->telemetry && (turn->telemetry.value().*field).has_value();
  });
  return sum ? std::optional(*sum / static_cast<double>(known)) : std::nullopt;
}

std::optional<TelemetryResult> merged_telemetry(std::span<const CaseResult* const> turns) {
  if (std::ranges::none_of(turns, [](const CaseResult* turn) { return turn->telemetry.has_value(); }))
    return std::nullopt;
  using T = TelemetryResult;
  TelemetryResult all;
  for (auto field :
       {&T::power_w, &T::clock_mhz, &T::stolen_share, &T::others_share, &T::cgroup_throttled_share})
    all.*field = mean_of(turns, field);
  for (auto field : {&T::involuntary_switches, &T::migrations, &T::throttled_blocks, &T::slow_blocks,
                     &T::disturbed_blocks, &T::unquiet_blocks})
    all.*field = folded(turns, field, std::plus<>());
  for (auto field : {&T::energy_j, &T::quiet_wait_s}) all.*field = folded(turns, field, std::plus<>());
  for (auto field : {&T::temperature_max_c, &T::quiet_speed})
    all.*field = folded(turns, field, [](double x, double y) { return std::max(x, y); });
  for (const CaseResult* turn : turns) {
    if (!turn->telemetry) continue;
    all.late_blocks += turn->telemetry->late_blocks;
    for (const std::string& reason : turn->telemetry->throttle_reasons)
      if (std::ranges::count(all.throttle_reasons, reason) == 0) all.throttle_reasons.push_back(reason);
  }
  return all;
}

CaseResult failed(CaseResult one, std::string reason) {
  forget_figures(one);
  one.status = CaseStatus::failed;
  one.reason = std::move(reason);
  return one;
}

/// "" or why a turn's part of the case takes the case with it.
std::string objection(const TurnResult& turn, const CaseResult* part, bool last_of_interrupted) {
  if (part == nullptr)
    return last_of_interrupted ? "" : turn.problem.empty() ? "it has no such case" : turn.problem;
  if (part->status == CaseStatus::failed) return part->reason.value_or("it failed");
  if (!has_draws(*part) && !last_of_interrupted) return part->reason.value_or("it timed nothing");
  return "";
}

CaseResult merge_case(const CaseResult& base, std::span<const TurnResult> turns, const Peaks& before,
                      const StopRule& rule, bool interrupted) {
  if (base.status == CaseStatus::failed || (base.status == CaseStatus::skipped && !interrupted)) return base;
  std::vector<const CaseResult*> parts;
  for (const TurnResult& turn : turns) {
    const CaseResult* part = find_case(turn.result, base);
    const bool last_of_interrupted = interrupted && &turn == &turns.back();
    if (const std::string why = objection(turn, part, last_of_interrupted); !why.empty()) {
      CaseResult one = failed(base, fmt::format("turn {}: {}", turn.number, why));
      if (part != nullptr && part->verification && part->verification->status == CheckStatus::failed)
        one.verification = part->verification;
      return one;
    }
    if (part != nullptr && has_draws(*part)) parts.push_back(part);
  }

  CaseResult one = base;
  forget_figures(one);
  std::map<std::string, MetricResult> metrics = base.metrics;
  for (const CaseResult* part : parts) {
    metrics.insert(part->metrics.begin(), part->metrics.end());
    for (const auto& [name, series] : part->series)
      if (!is_of_an_op(name)) append(one.series[name], series);
  }
  for (auto& [name, series] : one.series)
    // What others did comes in stretches of time, of which a short session has none.
    if (series.sessions.size() < 2 || name.starts_with("machine/")) series.sessions.clear();
  one.telemetry = merged_telemetry(parts);
  add_figures(one, specs_of(metrics), before, rule);
  add_case_warnings(one, one.telemetry ? one.telemetry->slow_blocks.value_or(0) : 0);
  judge_figures(one, rule, interrupted);
  return one;
}

void add_new(std::vector<std::string>& all, const std::vector<std::string>& some) {
  for (const std::string& one : some)
    if (std::ranges::count(all, one) == 0) all.push_back(one);
}

/// The config as it was asked for: each turn was given a part of its time.
void set_measure(Json& config, const StopRule& rule) {
  if (const auto runs = config.find("runs"); runs != config.end()) {
    for (Json& run : *runs) set_measure(run, rule);
    return;
  }
  const Json measure = JsonWriter::write(rule);
  for (const auto& [key, value] : measure.items()) config["measure"][key] = value;
}

/// Nothing where it was not probed in that turn.
const Peaks* peaks_of_device(const Result& result, const std::string& id, Peaks DeviceResult::*which) {
  const auto found = std::ranges::find(result.devices, id, &DeviceResult::id);
  return found == result.devices.end() || !((*found).*which).launch_s ? nullptr : &((*found).*which);
}

}  // namespace

std::vector<MetricSpec> specs_of(const std::map<std::string, MetricResult>& metrics) {
  std::vector<MetricSpec> specs;
  for (const auto& [name, metric] : metrics) {
    MetricSpec spec{.name = name,
                    .of = metric.of,
                    .unit = metric.unit,
                    .definition = metric.definition,
                    .amount = metric.amount,
                    .stat = metric.statistic};
    if (const auto path = path_from(metric.peak_of)) spec.share = *path;
    if (const auto dtype = dtype_from(metric.peak_of)) spec.share = *dtype;
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result merge_turns(const Result& base, std::span<const TurnResult> turns, const StopRule& rule,
                   bool interrupted) {
  Result merged = base;
  merged.status = RunStatus::complete;
  if (interrupted || std::ranges::any_of(turns, [](const TurnResult& turn) { return !turn.problem.empty(); }))
    merged.status = RunStatus::partial;
  set_measure(merged.config, rule);
  for (DeviceResult& device : merged.devices) {
    if (turns.empty()) continue;
    if (const Peaks* before = peaks_of_device(turns.front().result, device.id, &DeviceResult::peaks))
      device.peaks = *before;
    if (const Peaks* after = peaks_of_device(turns.back().result, device.id, &DeviceResult::peaks_after))
      device.peaks_after = *after;
  }
  for (const TurnResult& turn : turns) add_new(merged.warnings, turn.result.warnings);
  for (CaseResult& one : merged.cases) {
    const auto device = std::ranges::find(merged.devices, one.device, &DeviceResult::id);
    one = merge_case(one, turns, device == merged.devices.end() ? Peaks{} : device->peaks, rule, interrupted);
  }
  return merged;
}

}  // namespace assay
