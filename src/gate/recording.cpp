// SPDX-License-Identifier: Apache-2.0
#include "gate/recording.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "analyse/turns_of.h"
#include "gate/questions.h"
#include "gate/redraw.h"

namespace assay {
namespace {

/// Figures that limits on losses are asked of, in one result.
std::vector<RecordedFigure> figures_of(const Result& result, const Limits& limits) {
  std::vector<RecordedFigure> figures;
  for (const CaseResult& one : result.cases) {
    if (one.status != CaseStatus::ok) continue;
    for (const GateQuestion& q : questions_of({&one, &one}, limits))
      figures.push_back(
          {one.id, one.device, q.metric, q.base_metric->of, q.base_metric->statistic, q.base_metric->better});
  }
  return figures;
}

const CaseResult* find_case(const Result& result, const RecordedFigure& figure) {
  for (const CaseResult& one : result.cases)
    if (one.id == figure.case_id && one.device == figure.device && one.status == CaseStatus::ok) return &one;
  return nullptr;
}

std::vector<double> costs_of(const Result& result, const RecordedFigure& figure) {
  const CaseResult* one = find_case(result, figure);
  if (one == nullptr) return {};
  const auto metric = one->metrics.find(figure.metric);
  return metric == one->metrics.end() ? std::vector<double>{} : session_costs(*one, metric->second);
}

void keep(Recording& to, const std::vector<bool>& kept) {
  const auto filter = [&](auto& all) {
    std::size_t at = 0;
    std::erase_if(all, [&](const auto&) { return !kept[at++]; });
  };
  filter(to.figures);
  for (auto& run : to.runs) filter(run);
  for (auto& pair : to.pairs) filter(pair);
}

std::int64_t fewest(const Recording& recording) {
  std::int64_t sessions = INT64_MAX;
  for (const auto& run : recording.runs)
    for (const auto& costs : run) sessions = std::min<std::int64_t>(sessions, std::ssize(costs));
  for (const AaPair& pair : recording.pairs)
    for (const auto& strata : pair) {
      std::int64_t base = 0;
      for (const Stratum& s : strata) base += std::ssize(s.base);
      sessions = std::min(sessions, base);
    }
  return sessions == INT64_MAX ? 0 : sessions;
}

void drop_unknown(Recording& recording) {
  std::vector<bool> known(recording.figures.size(), true);
  for (std::size_t f = 0; f < known.size(); ++f) {
    for (const auto& run : recording.runs) known[f] = known[f] && !run[f].empty();
    for (const auto& pair : recording.pairs) known[f] = known[f] && !pair[f].empty();
  }
  keep(recording, known);
  recording.sessions = fewest(recording);
}

Evidence evidence_of(const std::vector<Stratum>& strata, const Recording& recording, const FigureLimit& judge,
                     ShiftTest& test) {
  Evidence evidence;
  for (const Stratum& s : strata) {
    evidence.base_sessions += std::ssize(s.base);
    evidence.candidate_sessions += std::ssize(s.other);
  }
  evidence.turns = recording.turns;
  evidence.shift = test(strata);
  evidence.noise = judge.noise;
  return evidence;
}

/// The least loss, added to every draw, at which this evidence fails: beyond the bound, and significant at
/// the level that Holm asks of the first of all questions. With a calibration its noise makes that level
/// good, and the sessions' own interval has to leave no loss out at the level of one.
double failing_loss(const std::vector<Stratum>& strata, const Evidence& evidence, const Bounds& bounds,
                    const GateScale& scale, ShiftTest& test) {
  const double first = scale.significance / static_cast<double>(scale.questions);
  const auto by_noise = significant_shift(evidence, first);
  const double level = by_noise ? scale.significance : first;
  const double least = std::max(bounds.bound, by_noise.value_or(0)) - evidence.shift.value;
  if (by_noise && !can_tell_by_ranks(evidence, level)) return least;
  const auto apart = test.interval(strata, level / 2);
  if (!apart) return std::numeric_limits<double>::infinity();
  return std::max(least, -apart->low);
}

}  // namespace

std::vector<FigureLimit> figure_limits(const Recording& recording, const Limits& limits) {
  std::vector<FigureLimit> all;
  for (const RecordedFigure& figure : recording.figures) {
    FigureLimit one;
    one.limit = loss_limit(limits, figure.case_id, figure.metric, figure.statistic);
    if (one.limit == nullptr) throw std::logic_error("a recorded figure without a limit");
    one.noise =
        find_noise(limits, figure.case_id, figure.device, figure.of, figure.statistic, recording.turns);
    all.push_back(one);
  }
  return all;
}

std::size_t Recording::pair_count() const {
  return turns ? pairs.size() : runs.size() * (runs.size() - 1) / 2;
}

AaPair Recording::pair(std::size_t index) const {
  if (turns) return pairs.at(index);
  std::size_t first = 0;
  for (std::size_t left = index; left >= runs.size() - 1 - first; ++first) left -= runs.size() - 1 - first;
  std::size_t before = 0;
  for (std::size_t i = 0; i < first; ++i) before += runs.size() - 1 - i;
  const std::size_t second = first + 1 + (index - before);
  AaPair pair;
  for (std::size_t f = 0; f < figures.size(); ++f) pair.push_back({{runs[first][f], runs[second][f]}});
  return pair;
}

Recordings record(std::span<const Result> results, const Limits& limits) {
  Recordings all;
  all.turns.turns = true;
  std::map<std::string, const Result*> sides;  // of interleaved runs, by their id
  for (const Result& result : results) {
    const bool interleaved = result.interleaving.has_value();
    Recording& to = interleaved ? all.turns : all.runs;
    if (to.figures.empty()) to.figures = figures_of(result, limits);
    if (!interleaved) {
      auto& run = to.runs.emplace_back();
      for (const RecordedFigure& figure : to.figures) run.push_back(costs_of(result, figure));
      continue;
    }
    const auto [partner, is_new] = sides.try_emplace(result.interleaving->id, &result);
    if (is_new) continue;
    const Turns turns = turns_of(*partner->second, result);
    AaPair& pair = to.pairs.emplace_back();
    for (const RecordedFigure& figure : to.figures) {
      std::vector<double> base = costs_of(*partner->second, figure), other = costs_of(result, figure);
      if (in_turns(base, other, turns))
        pair.push_back(strata_of(std::move(base), std::move(other), turns));
      else
        pair.emplace_back();
    }
  }
  drop_unknown(all.runs);
  drop_unknown(all.turns);
  return all;
}

Recording every_other(const Recording& all, std::size_t first) {
  Recording half = all;
  half.runs.clear();
  half.pairs.clear();
  for (std::size_t i = first; i < all.runs.size(); i += 2) half.runs.push_back(all.runs[i]);
  for (std::size_t i = first; i < all.pairs.size(); i += 2) half.pairs.push_back(all.pairs[i]);
  return half;
}

namespace {

/// One suite, judged.
struct JudgedSuite {
  std::vector<Outcome> verdicts;
  std::vector<double> failing_losses;

  bool any(Outcome outcome) const { return std::ranges::find(verdicts, outcome) != verdicts.end(); }
};

GateScale scale_of(const Recording& recording, const Limits& limits) {
  return {.significance = limits.significance,
          .false_alarms = limits.false_alarms,
          .min_sessions = limits.min_sessions,
          .questions = recording.figures.size()};
}

JudgedSuite judge_suite(const AaPair& suite, const Recording& recording,
                        const std::vector<FigureLimit>& judges, const GateScale& scale, ShiftTest& test) {
  JudgedSuite judged;
  std::vector<Evidence> evidence;
  std::vector<std::optional<double>> p;
  std::vector<double> known_p;
  for (std::size_t f = 0; f < suite.size(); ++f) {
    evidence.push_back(evidence_of(suite[f], recording, judges[f], test));
    p.push_back(p_of(evidence.back(), scale));
    known_p.push_back(p.back().value_or(1));
  }
  const std::vector<double> adjusted = holm(known_p);
  for (std::size_t f = 0; f < suite.size(); ++f) {
    const Bounds bounds = bounds_of(*judges[f].limit, evidence[f], scale);
    const auto settled = p[f] ? std::optional(adjusted[f]) : std::nullopt;
    judged.verdicts.push_back(judge_loss(*judges[f].limit, evidence[f], bounds, settled, scale).verdict);
    judged.failing_losses.push_back(failing_loss(suite[f], evidence[f], bounds, scale, test));
  }
  return judged;
}

}  // namespace

PairCounts judge_pairs(const Recording& recording, const Limits& limits) {
  PairCounts counts;
  const std::vector<FigureLimit> judges = figure_limits(recording, limits);
  ShiftTest test;
  for (std::size_t p = 0; p < recording.pair_count(); ++p) {
    const JudgedSuite judged =
        judge_suite(recording.pair(p), recording, judges, scale_of(recording, limits), test);
    ++counts.pairs;
    counts.alarms += judged.any(Outcome::fail) ? 1 : 0;
    counts.undecided += !judged.any(Outcome::fail) && judged.any(Outcome::cannot_tell) ? 1 : 0;
  }
  return counts;
}

SuiteRates rates_of(const Recording& recording, const Limits& limits, std::int64_t suites,
                    std::uint64_t seed) {
  SuiteRates rates{.suites = suites};
  rates.figures.resize(recording.figures.size());
  const std::vector<FigureLimit> judges = figure_limits(recording, limits);
  std::vector<std::vector<double>> losses(recording.figures.size());
  Dice dice(seed);
  ShiftTest test;
  for (std::int64_t s = 0; s < suites; ++s) {
    const JudgedSuite judged =
        judge_suite(redrawn(recording, dice), recording, judges, scale_of(recording, limits), test);
    rates.alarms += judged.any(Outcome::fail) ? 1 : 0;
    rates.undecided += !judged.any(Outcome::fail) && judged.any(Outcome::cannot_tell) ? 1 : 0;
    for (std::size_t f = 0; f < losses.size(); ++f) {
      rates.figures[f].alarms += judged.verdicts[f] == Outcome::fail ? 1 : 0;
      losses[f].push_back(judged.failing_losses[f]);
    }
  }
  for (std::size_t f = 0; f < losses.size(); ++f) {
    if (losses[f].empty()) continue;
    std::ranges::sort(losses[f]);
    const double at = losses[f][static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(suites))) - 1];
    if (std::isfinite(at)) rates.figures[f].caught_loss = share_of_log(at);
  }
  return rates;
}

}  // namespace assay
