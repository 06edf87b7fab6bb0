// SPDX-License-Identifier: Apache-2.0
#include "gate/recording.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "analyse/turns_of.h"
#include "base/random.h"
#include "gate/questions.h"

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

double within_of(const Recording& recording, std::size_t figure) {
  double squares = 0, degrees = 0;
  const auto add = [&](const std::vector<double>& costs) {
    if (costs.size() < 2) return;
    squares += variance(costs) * static_cast<double>(costs.size() - 1);
    degrees += static_cast<double>(costs.size() - 1);
  };
  for (const auto& run : recording.runs) add(run[figure]);
  for (const AaPair& pair : recording.pairs)
    for (const Stratum& s : pair[figure]) {
      add(s.base);
      add(s.other);
    }
  return degrees > 0 ? std::sqrt(squares / degrees) : 0;
}

/// Draws whole numbers below a bound, from a counter.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(philox(seed_, next_++).word[0] % count);
  }

 private:
  std::uint64_t seed_, next_ = 0;
};

std::vector<double> redrawn(const std::vector<double>& costs, Dice& dice) {
  std::vector<double> drawn;
  for (std::size_t i = 0; i < costs.size(); ++i) drawn.push_back(costs[dice.below(costs.size())]);
  return drawn;
}

/// One suite: the same runs for all figures, each figure's sessions drawn anew; either may be the base.
AaPair redrawn(const Recording& recording, Dice& dice) {
  AaPair suite = recording.pair(dice.below(recording.pair_count()));
  const bool swapped = dice.below(2) == 1;
  for (auto& strata : suite) {
    if (recording.turns) {
      std::vector<Stratum> blocks;
      for (std::size_t i = 0; i < strata.size(); ++i) blocks.push_back(strata[dice.below(strata.size())]);
      strata = std::move(blocks);
    } else {
      strata.front().base = redrawn(strata.front().base, dice);
      strata.front().other = redrawn(strata.front().other, dice);
    }
    if (swapped)
      for (Stratum& s : strata) std::swap(s.base, s.other);
  }
  return suite;
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

/// The least loss, added to every draw, at which this evidence fails: beyond the bound, and so far that the
/// interval at the level that Holm asks of the first of all questions leaves no loss out.
double failing_loss(const std::vector<Stratum>& strata, const Evidence& evidence, const Bounds& bounds,
                    const GateScale& scale, ShiftTest& test) {
  const double beyond = bounds.bound - evidence.shift.value;
  const auto apart = test.interval(strata, scale.significance / 2 / static_cast<double>(scale.questions));
  if (!apart) return std::numeric_limits<double>::infinity();
  return std::max(beyond, -apart->low);
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

std::vector<Noise> noise_of(const Recording& recording) {
  std::vector<Noise> all;
  if (recording.pair_count() == 0 || recording.independent() < 2) return all;
  ShiftTest test;
  for (std::size_t f = 0; f < recording.figures.size(); ++f) {
    const RecordedFigure& figure = recording.figures[f];
    Noise noise{.case_id = figure.case_id,
                .device = figure.device,
                .of = figure.of,
                .statistic = figure.statistic,
                .turns = recording.turns,
                .sessions = recording.sessions,
                .pairs = static_cast<std::int64_t>(recording.pair_count()),
                .degrees = recording.turns ? recording.independent() : recording.independent() - 1};
    std::vector<double> shares;
    double squares = 0;
    for (std::size_t p = 0; p < recording.pair_count(); ++p) {
      const double shift = test(recording.pair(p)[f]).value;
      squares += shift * shift;  // around no change, which is known to be the truth
      noise.largest = std::max(noise.largest, std::abs(shift));
      shares.push_back(std::abs(share_of_log(shift)));
      shares.push_back(std::abs(share_of_log(-shift)));  // either may be the base
    }
    noise.floor = quantile(shares, 0.95);
    noise.deviation = std::sqrt(squares / static_cast<double>(recording.pair_count()));
    noise.within = within_of(recording, f);
    if (!recording.turns)
      noise.between = std::sqrt(std::max(
          0.0, noise.deviation * noise.deviation / 2 - kVarianceOfMedian * noise.within * noise.within /
                                                           static_cast<double>(recording.sessions)));
    all.push_back(noise);
  }
  return all;
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
