// SPDX-License-Identifier: Apache-2.0
#include "analyse/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "analyse/ceilings.h"
#include "base/units.h"

namespace assay {

std::span<const std::string_view> enum_names(Verdict) {
  static constexpr std::array<std::string_view, 4> kNames = {"faster", "slower", "same", "cannot_tell"};
  return kNames;
}
std::span<const std::string_view> enum_names(Basis) {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "intervals", "sessions", "turns"};
  return kNames;
}
std::span<const std::string_view> enum_names(Agreement) {
  static constexpr std::array<std::string_view, 3> kNames = {"agree", "disagree", "cannot_tell"};
  return kNames;
}

namespace {

bool close(double a, double b) {
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

std::string not_measured(const CaseResult& a, const CaseResult& b) {
  for (const CaseResult* one : {&a, &b})
    if (one->status != CaseStatus::ok)
      return "on " + one->device + " it has no figures" + (one->reason ? " (" + *one->reason + ")" : "");
  return {};
}

/// Above 1: `other` is better.
double gain(double base, double other, Better better) {
  return better == Better::lower ? base / other : other / base;
}

/// How far a ratio must lie from 1 before its interval says anything; 1 where intervals hold from one session
/// to the next.
struct Allowance {
  double factor = 1;
  std::string why;
};

Allowance allowance(const CaseResult& a, const MetricResult& x, const CaseResult& b, const MetricResult& y) {
  const bool disturbed = !a.warnings.empty() || !b.warnings.empty();
  const bool single = sessions_of(a, x) < 2 || sessions_of(b, y) < 2;
  if (disturbed)
    return {kDisturbedAllowance, "a ratio below " + ratio_text(kDisturbedAllowance) +
                                     " may be chance where a side was disturbed: remove what its warnings "
                                     "name, and run both again"};
  if (!x.why.empty() || !y.why.empty())
    return {kSessionAllowance, "a ratio below " + ratio_text(kSessionAllowance) +
                                   " may be chance where an interval is not to be trusted (" +
                                   (x.why.empty() ? y.why : x.why) + ")"};
  if (single)
    return {
        kSessionAllowance,
        "a ratio below " + ratio_text(kSessionAllowance) +
            " may be chance where a side ran one session, since machines have moved by nearly as much within "
            "minutes: run both with /measure/sessions of 6 or more"};
  return {};
}

/// By the ends of both intervals, and no verdict within the allowance.
void judge(MetricComparison& c, const Allowance& allowed) {
  if (!c.low || !c.high) {
    c.why = "a side has no interval: run it longer";
  } else if (*c.low > allowed.factor) {
    c.verdict = Verdict::faster;
  } else if (*c.high < 1 / allowed.factor) {
    c.verdict = Verdict::slower;
  } else if (allowed.factor > 1) {
    c.why = allowed.why;
  } else if (*c.low >= 1 / (1 + kSameMargin) && *c.high <= 1 + kSameMargin) {
    c.verdict = Verdict::same;
  } else {
    c.why = "the interval holds both a difference and none: run both with /measure/sessions of 8 or more";
  }
}

/// The interval and p of sessions; the verdict is settle()'s.
void add_shift(MetricComparison& c, std::vector<double> base, std::vector<double> other, ShiftTest& test,
               const Turns& turns) {
  c.basis = in_turns(base, other, turns) ? Basis::turns : Basis::sessions;
  c.shift = test(strata_of(std::move(base), std::move(other), turns));
  c.ratio = std::exp(-c.shift->value);
  if (c.shift->ci95) {
    c.low = std::exp(-c.shift->ci95->high);
    c.high = std::exp(-c.shift->ci95->low);
  }
  c.p = c.shift->p;
  c.effect = effect_class(c.shift->delta);
}

void add_intervals(MetricComparison& c, const MetricResult& b, const MetricResult& o) {
  if (b.ci95.size() != 2 || o.ci95.size() != 2 || !(b.ci95[0] > 0) || !(o.ci95[0] > 0)) return;
  c.basis = Basis::intervals;
  const bool lower = c.better == Better::lower;
  c.low = lower ? gain(b.ci95[0], o.ci95[1], c.better) : gain(b.ci95[1], o.ci95[0], c.better);
  c.high = lower ? gain(b.ci95[1], o.ci95[0], c.better) : gain(b.ci95[0], o.ci95[1], c.better);
}

MetricComparison compare_metric(const std::string& name, const CaseResult& base, const MetricResult& b,
                                const CaseResult& other, const MetricResult* o, ShiftTest& test,
                                const Turns& turns) {
  MetricComparison c{
      .metric = name, .of = b.of, .unit = b.unit, .better = b.better, .statistic = b.statistic};
  if (b.known()) c.base = b.value;
  if (o == nullptr) {
    c.why = "the other has no such figure";
    return c;
  }
  if (o->known()) c.other = o->value;
  if (b.unit != o->unit || b.statistic != o->statistic || b.better != o->better) {
    c.why = "it is defined differently in the two";
    return c;
  }
  if (!c.base || !c.other || !(*c.base > 0) || !(*c.other > 0)) {
    c.why = "one of the two is not known";
    return c;
  }
  c.ratio = gain(*c.base, *c.other, c.better);
  c.base_sessions = sessions_of(base, b);
  c.other_sessions = sessions_of(other, *o);
  std::vector<double> base_costs = session_costs(base, b), other_costs = session_costs(other, *o);
  const bool turned = in_turns(base_costs, other_costs, turns);
  const Allowance allowed = allowance(base, b, other, *o);
  const auto enough = [](const std::vector<double>& costs) { return std::ssize(costs) >= kFewestUnits; };
  if (turned || (allowed.factor <= 1 && enough(base_costs) && enough(other_costs))) {
    add_shift(c, std::move(base_costs), std::move(other_costs), test, turns);
  } else {
    add_intervals(c, b, *o);
    judge(c, allowed);
  }
  return c;
}

/// How much an adjusted p leaves open, and what would close it.
std::string open_question(const MetricComparison& c) {
  const bool too_few = c.shift->least_p * (*c.p_adjusted / std::max(*c.p, 1e-300)) > kSignificance;
  return too_few
             ? "so few sessions cannot tell among so many figures: run both with more /measure/sessions"
             : "the interval holds both a difference that matters and none: more sessions would narrow it, "
               "or a quieter machine";
}

void settle_one(MetricComparison& c) {
  const auto& [low, high] = c.shift->ci90.value_or(Interval{-1, 1});
  const double margin = std::log1p(kSameMargin);
  if (c.shift->ci90 && -margin <= low && high <= margin)
    c.verdict = Verdict::same;
  else if (*c.p_adjusted <= kSignificance)
    c.verdict = c.shift->value < 0 ? Verdict::faster : Verdict::slower;
  else
    c.why = open_question(c);
}

double rms(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

std::vector<OutputComparison> compare_outputs(const CaseResult& base, const CaseResult& other) {
  std::vector<OutputComparison> all;
  if (!base.verification || !other.verification) return all;
  std::string why;
  if (base.seed != other.seed)
    why = "their seeds differ: " + std::to_string(base.seed) + " and " + std::to_string(other.seed);
  else if (base.weights != other.weights)
    why = "their weights differ: " + base.weights + " and " + other.weights;
  for (const auto& [name, a] : base.verification->outputs) {
    const auto b = other.verification->outputs.find(name);
    if (b == other.verification->outputs.end()) continue;
    all.push_back(agreement(name, a, b->second));
    if (why.empty()) continue;
    all.back().difference.reset();
    all.back().verdict = Agreement::cannot_tell;
    all.back().why = why;
  }
  return all;
}

}  // namespace

std::string work_difference(const CaseResult& a, const CaseResult& b, Alike alike) {
  if (a.axes != b.axes) return "their axes differ";
  if (a.stages.size() != b.stages.size()) return "their stages differ";
  for (std::size_t i = 0; i < a.stages.size(); ++i) {
    const StageResult &x = a.stages[i], &y = b.stages[i];
    const double x_bytes = memory_bytes(x.bytes), y_bytes = memory_bytes(y.bytes);
    if (x.name != y.name || x.times != y.times) return "their stages differ";
    if (!close(x.flops, y.flops))
      return "stage " + x.name + " is " + si_text(x.flops, "FLOP") + " in one and " +
             si_text(y.flops, "FLOP") + " in the other";
    if (alike == Alike::work && !close(x_bytes, y_bytes))
      return "stage " + x.name + " moves " + si_text(x_bytes, "B") + " in one and " + si_text(y_bytes, "B") +
             " in the other";
  }
  return {};
}

OutputComparison agreement(const std::string& output, const OutputResult& a, const OutputResult& b) {
  OutputComparison c{.output = output, .difference = {}, .tolerance = std::max(a.tolerance, b.tolerance)};
  if (a.values.empty() || a.values.size() != b.values.size()) {
    c.why = "they keep different sets of elements";
    return c;
  }
  std::vector<double> apart;
  for (std::size_t i = 0; i < a.values.size(); ++i) apart.push_back(a.values[i] - b.values[i]);
  const double scale = rms(a.values);
  if (scale == 0 && rms(b.values) == 0) {
    c.why = "all of them are zero, which proves nothing";
    return c;
  }
  c.difference = rms(apart) / scale;  // infinite where one side alone is zero
  c.verdict = *c.difference <= c.tolerance ? Agreement::agree : Agreement::disagree;  // NaN disagrees
  return c;
}

Comparison compare_unsettled(const CaseResult& base, const CaseResult& other, ShiftTest& test,
                             const Turns& turns, Alike alike) {
  Comparison c{
      .different = work_difference(base, other, alike), .not_measured = {}, .metrics = {}, .outputs = {}};
  if (!c.different.empty()) return c;
  c.outputs = compare_outputs(base, other);
  c.not_measured = not_measured(base, other);
  if (!c.not_measured.empty()) return c;
  for (const auto& [name, metric] : base.metrics) {
    if (!metric.peak_of.empty()) continue;  // a share of a device's own peak says nothing about another's
    const auto found = other.metrics.find(name);
    c.metrics.push_back(compare_metric(name, base, metric, other,
                                       found == other.metrics.end() ? nullptr : &found->second, test, turns));
  }
  return c;
}

void settle(std::span<Comparison* const> all) {
  // A time and the rate that is made of it are one question.
  std::vector<double> p;
  std::vector<std::pair<MetricComparison*, std::size_t>> asked;
  for (Comparison* comparison : all) {
    std::map<std::pair<std::string, Stat>, std::size_t> of_case;
    for (MetricComparison& c : comparison->metrics) {
      if (!c.shift) continue;
      const auto [at, is_new] = of_case.try_emplace({c.of, c.statistic}, p.size());
      if (is_new) p.push_back(*c.p);
      asked.emplace_back(&c, at->second);
    }
  }
  const std::vector<double> adjusted = holm(p);
  for (const auto& [c, question] : asked) {
    c->p_adjusted = adjusted[question];
    settle_one(*c);
  }
}

Comparison compare(const CaseResult& base, const CaseResult& other) {
  ShiftTest test;
  Comparison c = compare_unsettled(base, other, test);
  Comparison* const all[] = {&c};
  settle(all);
  return c;
}

}  // namespace assay
