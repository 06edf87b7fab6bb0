// SPDX-License-Identifier: Apache-2.0
#include "acceptance/limit_verdicts.h"

#include <algorithm>

#include "base/text.h"

namespace assay {
namespace {

/// The graver, and of two like ones that with less room.
void worsen(LimitVerdict& verdict, const MeasuredFigure& figure, Met met) {
  if (verdict.figure &&
      (gravity(met.verdict) > gravity(verdict.verdict) ||
       (met.verdict == verdict.verdict && met.margin.value_or(0) >= verdict.margin.value_or(0))))
    return;
  verdict.verdict = met.verdict;
  verdict.figure = figure;
  verdict.bound = met.bound;
  verdict.margin = met.margin;
  verdict.turns_at = met.turns_at;
  verdict.why = std::move(met.why);
  verdict.advice = std::move(met.advice);
}

/// Names of figures that the meant cases have, where none has the one that is asked for.
std::string known_figures(const Summary& summary, const std::vector<std::size_t>& cases) {
  std::vector<std::string> names;
  for (const std::size_t c : cases)
    for (const Headline& h : summary.cases[c].headlines)
      if (std::ranges::find(names, h.metric) == names.end()) names.push_back(h.metric);
  return join(names, ", ");
}

void cannot(LimitVerdict& verdict, std::string why, std::string advice) {
  verdict.verdict = Outcome::cannot_tell;
  verdict.why = std::move(why);
  verdict.advice = std::move(advice);
}

/// A case that is no measurement cannot tell, unless another has failed already.
void add_unmeasured(LimitVerdict& verdict, const CaseSummary& one) {
  if (verdict.verdict == Outcome::fail) return;
  cannot(verdict, one.short_id + " was not measured" + (one.reason ? ": " + *one.reason : ""),
         "measure it, or leave it out of the limit's cases");
}

void judge_all(LimitVerdict& verdict, const Summary& summary, const std::vector<std::size_t>& cases,
               const AcceptanceLimit& limit) {
  bool any = false;
  for (const std::size_t c : cases) {
    const auto figure = figure_of(summary, c, limit.metric, limit.statistic);
    if (!figure) continue;
    any = true;
    Met met = is_met(*figure, limit.at_most, limit.at_least);
    verdict.met += met.verdict == Outcome::pass ? 1 : 0;
    worsen(verdict, *figure, std::move(met));
  }
  for (const std::size_t c : cases)
    if (summary.cases[c].status != CaseStatus::ok) {
      add_unmeasured(verdict, summary.cases[c]);
      any = true;
    }
  if (!any)
    cannot(verdict, "no case has the figure " + limit.metric,
           "figures of these cases: " + known_figures(summary, cases));
}

/// Whether it holds up to what is wanted along one sweep; the point that decides.
void judge_capacity(LimitVerdict& verdict, const Capacity& capacity, const Sweep& sweep,
                    const AcceptanceLimit& limit) {
  const double wanted = limit.capacity->at_least;
  std::size_t decides = 0;  // the last point that is not beyond it, or the first that is missed
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    if (sweep.points[i].at > wanted && i > 0) break;
    decides = i;
    if (capacity.outcomes[i] != Outcome::pass) break;
  }
  Met met = is_met(capacity.figures[decides], limit.at_most, limit.at_least);
  const bool reached = capacity.value && *capacity.value >= wanted;
  if (reached && capacity.by_stand_in) {
    // is_met() has said why: the percentile has no support.
  } else if (reached) {
    met.verdict = Outcome::pass;
    met.why.clear();
    met.advice.clear();
  } else if (met.verdict == Outcome::pass) {
    met.verdict = Outcome::cannot_tell;
    met.why = setting_at(sweep.of, wanted) + " was not measured: it holds at " +
              setting_at(sweep.of, sweep.points[decides].at) +
              (capacity.next ? ", not at " + setting_at(sweep.of, *capacity.next) : ", where the sweep ends");
    met.advice = "measure at " + setting_at(sweep.of, wanted);
  } else if (sweep.points[decides].at > wanted && met.verdict == Outcome::fail) {
    met.verdict = Outcome::cannot_tell;
    met.why = setting_at(sweep.of, wanted) + " was not measured, and it is missed at " +
              setting_at(sweep.of, sweep.points[decides].at);
    met.advice = "measure at " + setting_at(sweep.of, wanted);
  }
  verdict.met += met.verdict == Outcome::pass ? 1 : 0;
  if (!verdict.figure || capacity.value.value_or(0) < verdict.holds_to.value_or(0))
    verdict.holds_to = capacity.value.value_or(0);
  worsen(verdict, capacity.figures[decides], std::move(met));
}

void judge_capacities(LimitVerdict& verdict, const std::vector<Sweep>& sweeps,
                      const std::vector<Capacity>& capacities, const AcceptanceLimit& limit) {
  verdict.cases = 0;
  for (const Capacity& capacity : capacities) {
    if (capacity.limit != verdict.limit || sweeps[capacity.sweep].system != verdict.system) continue;
    ++verdict.cases;
    judge_capacity(verdict, capacity, sweeps[capacity.sweep], limit);
  }
  if (verdict.cases == 0)
    cannot(verdict,
           "these cases are no sweep over " + limit.capacity->of + " that has the figure " + limit.metric,
           "sweep it: --set '/load/" + limit.capacity->of + "=[1, 2, 4, 8]'");
}

}  // namespace

std::vector<LimitVerdict> limit_verdicts(const Summary& summary, const std::vector<System>& systems,
                                         const std::vector<Sweep>& sweeps,
                                         const std::vector<Capacity>& capacities,
                                         const std::vector<AcceptanceLimit>& limits) {
  std::vector<LimitVerdict> all;
  for (std::size_t l = 0; l < limits.size(); ++l)
    for (std::size_t s = 0; s < systems.size(); ++s) {
      LimitVerdict verdict{.limit = l, .system = s};
      std::vector<std::size_t> cases;
      for (const std::size_t c : systems[s].cases)
        if (is_meant(limits[l].choice, summary.cases[c])) cases.push_back(c);
      verdict.cases = static_cast<std::int64_t>(cases.size());
      if (cases.empty())
        cannot(verdict, why_none_is_meant(limits[l].choice, summary),
               "change the limit's cases, or measure them");
      else if (limits[l].capacity)
        judge_capacities(verdict, sweeps, capacities, limits[l]);
      else
        judge_all(verdict, summary, cases, limits[l]);
      all.push_back(std::move(verdict));
    }
  return all;
}

}  // namespace assay
