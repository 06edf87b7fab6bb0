// SPDX-License-Identifier: Apache-2.0
#include "gate/calibration.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/units.h"
#include "gate/redraw.h"
#include "statistics/sessions.h"

namespace assay {
namespace {

/// Widening the bounds further than this would hide what the gate is for.
constexpr double kFactors[] = {1, 1.1, 1.2, 1.35, 1.5, 2, 2.5, 3};

void scale_noise(std::vector<Noise>& noise, double factor) {
  for (Noise& one : noise) {
    one.deviation *= factor;
    one.largest *= factor;
  }
}

SuiteRates sum(SuiteRates a, const SuiteRates& b) {
  a.suites += b.suites;
  a.alarms += b.alarms;
  a.undecided += b.undecided;
  for (std::size_t f = 0; f < a.figures.size(); ++f) {
    a.figures[f].alarms += b.figures[f].alarms;
    const auto other = b.figures[f].caught_loss;
    auto& own = a.figures[f].caught_loss;
    own = own && other ? std::optional(std::max(*own, *other)) : std::nullopt;
  }
  return a;
}

/// Results that are judged, and the noise of those that their bounds are made from.
struct Part {
  Recording judged;
  std::vector<Noise> noise;
};

/// Each half with the noise of the other, where there are enough of them.
std::vector<Part> parts_of(const Recording& recording, bool held_out) {
  if (!held_out) return {{as_scattered_as_pairs(recording), noise_of(recording)}};
  std::vector<Part> parts;
  for (std::size_t half = 0; half < 2; ++half)
    parts.push_back(
        {as_scattered_as_pairs(every_other(recording, 1 - half)), noise_of(every_other(recording, half))});
  return parts;
}

SuiteRates rates(const std::vector<Part>& parts, Limits limits, double factor, std::int64_t suites,
                 std::uint64_t seed) {
  SuiteRates all;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    limits.noise = parts[i].noise;
    scale_noise(limits.noise, factor);
    const SuiteRates one = rates_of(parts[i].judged, limits, suites / std::ssize(parts), seed + i);
    all = i == 0 ? one : sum(all, one);
  }
  return all;
}

CalibratedKind kind_of(const Recording& recording, const std::vector<Noise>& noise, const Limits& limits,
                       const SuiteRates& rates, bool held_out) {
  CalibratedKind kind{.turns = recording.turns,
                      .results = recording.independent(),
                      .pairs = static_cast<std::int64_t>(recording.pair_count()),
                      .sessions = recording.sessions,
                      .held_out = held_out,
                      .suites = rates.suites};
  const auto share = [&](std::int64_t count) {
    return static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, rates.suites));
  };
  kind.alarms = share(rates.alarms);
  kind.undecided = share(rates.undecided);
  const GateScale scale{.significance = limits.significance,
                        .false_alarms = limits.false_alarms,
                        .min_sessions = limits.min_sessions,
                        .questions = recording.figures.size()};
  const std::vector<FigureLimit> judged = figure_limits(recording, limits);
  for (std::size_t f = 0; f < recording.figures.size(); ++f) {
    const RecordedFigure& figure = recording.figures[f];
    Evidence evidence;
    evidence.base_sessions = evidence.candidate_sessions = recording.sessions;
    evidence.turns = recording.turns;
    evidence.noise = judged[f].noise;
    kind.figures.push_back({.case_id = figure.case_id,
                            .device = figure.device,
                            .metric = figure.metric,
                            .of = figure.of,
                            .statistic = figure.statistic,
                            .floor = noise[f].floor,
                            .bound = share_of_log(bounds_of(*judged[f].limit, evidence, scale).bound),
                            .caught_loss = rates.figures[f].caught_loss,
                            .alarms = share(rates.figures[f].alarms),
                            .within = noise[f].within,
                            .between = noise[f].between});
  }
  return kind;
}

void add_kind(Calibration& out, const Recording& recording, std::int64_t suites, std::uint64_t seed) {
  if (recording.figures.empty() || recording.independent() < 2) return;
  const bool held_out = recording.independent() >= 2 * kFewestHeldOut;
  const std::vector<Noise> noise = noise_of(recording);
  const std::vector<Part> parts = parts_of(recording, held_out);
  SuiteRates found;
  double factor = 1;
  for (const double wider : kFactors) {
    factor = wider;
    found = rates(parts, out.limits, factor, suites, seed);
    const double alarms = static_cast<double>(found.alarms) / static_cast<double>(found.suites);
    if (alarms <= out.limits.false_alarms) break;
  }
  std::vector<Noise> kept = noise;
  scale_noise(kept, factor);
  out.limits.noise.insert(out.limits.noise.end(), kept.begin(), kept.end());
  out.kinds.push_back(kind_of(recording, noise, out.limits, found, held_out));
  const std::string of = recording.turns ? "interleaved pairs" : "runs";
  if (factor > 1)
    out.notes.push_back(
        fmt::format("bounds of {} were widened {} times, until suites without a change failed in "
                    "no more than {}",
                    of, number_text(factor), percent_text(out.limits.false_alarms)));
  if (out.kinds.back().alarms > out.limits.false_alarms)
    out.notes.push_back(
        fmt::format("{}: {} of the suites without a change fail all the same: this machine moves "
                    "too much for the wanted {}; interleave, or take more sessions",
                    of, percent_text(out.kinds.back().alarms), percent_text(out.limits.false_alarms)));
  if (!held_out)
    out.notes.push_back(
        fmt::format("{} {}: rates are of the very results that the bounds were made from, which "
                    "flatters them; {} or more are judged by halves",
                    recording.independent(), of, 2 * kFewestHeldOut));
}

}  // namespace

Calibration calibrate(std::span<const Result> results, const Limits& limits, std::int64_t suites,
                      std::uint64_t seed) {
  Calibration out{.limits = limits, .kinds = {}, .notes = {}};
  out.limits.noise.clear();
  const Recordings recorded = record(results, limits);
  add_kind(out, recorded.runs, suites, seed);
  add_kind(out, recorded.turns, suites, seed);
  if (out.kinds.empty())
    throw Error(
        ExitCode::bad_input, "--calibrate: no two results have a figure in common that a limit asks of",
        "give at least 6 results of one config on one machine, or interleaved pairs of a config with itself");
  std::string first, last;
  for (const Result& one : results) {
    if (first.empty() || one.started_at < first) first = one.started_at;
    last = std::max(last, one.started_at);
  }
  if (!results.front().devices.empty())
    out.limits.calibrated_on = fmt::format("{}, {} to {}", results.front().devices.front().name,
                                           first.substr(0, 16), last.substr(0, 16));
  return out;
}

std::vector<Planned> plan_sessions(const Calibration& calibration, double loss,
                                   const std::optional<double>& session_s) {
  std::vector<Planned> plans;
  for (const CalibratedKind& kind : calibration.kinds)
    for (const CalibratedFigure& figure : kind.figures) {
      Planned plan{.case_id = figure.case_id,
                   .device = figure.device,
                   .metric = figure.metric,
                   .turns = kind.turns,
                   .sessions = {},
                   .seconds = {},
                   .why = ""};
      const Noise* const noise = find_noise(calibration.limits, figure.case_id, figure.device, figure.of,
                                            figure.statistic, kind.turns);
      const double tail = calibration.limits.false_alarms / static_cast<double>(kind.figures.size());
      const auto degrees = static_cast<std::size_t>(std::max<std::int64_t>(5, noise->degrees));
      // The loss must lie this many deviations away: out of the noise, and caught with 95 %.
      const double needed = student_t(degrees, 1 - tail) + kCaught;
      const double wanted = std::log1p(loss) / needed;  // deviation of the ratio
      const double spared = wanted * wanted / 2 - figure.between * figure.between;
      std::optional<double> sessions;
      if (kind.turns)
        sessions = static_cast<double>(noise->sessions) * std::pow(noise->deviation / wanted, 2);
      else if (spared > 0)
        sessions = kVarianceOfMedian * figure.within * figure.within / spared;
      if (!sessions || *sessions > kMostPlanned) {
        plan.why = kind.turns ? "it would take more than 1000 sessions"
                              : "results differ by more than their sessions explain: interleave";
      } else {
        const std::int64_t even = 2 * static_cast<std::int64_t>(std::ceil(*sessions / 2));
        plan.sessions = std::max(even, calibration.limits.min_sessions);
        if (session_s) plan.seconds = *session_s * static_cast<double>(*plan.sessions);
      }
      plans.push_back(std::move(plan));
    }
  return plans;
}

}  // namespace assay
