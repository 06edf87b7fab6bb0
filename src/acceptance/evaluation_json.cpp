// SPDX-License-Identifier: Apache-2.0
// The evaluation for other programs and for customers' own templates.
#include "acceptance/evaluation.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, System& s) {
  v.field("label", s.label);
  v.field("device", s.device);
  v.field("at", s.at);
  v.field("cases", s.cases);
}

template <class Visitor>
void describe(Visitor& v, MeasuredFigure& f) {
  v.field("case", f.case_index);
  v.field("metric", f.metric);
  v.field("unit", f.unit);
  v.field("better", f.better);
  v.field("statistic", f.statistic);
  v.field("stands_in", f.stands_in);
  v.field("value", f.value);
  v.field("low", f.low);
  v.field("high", f.high);
  v.field("n", f.n);
  v.field("sessions", f.sessions);
  v.field("disturbed", f.disturbed);
  v.field("why", f.why);
}

template <class Visitor>
void describe(Visitor& v, Sweep::Point& p) {
  v.field("at", p.at);
  v.field("case", p.case_index);
}

template <class Visitor>
void describe(Visitor& v, Sweep& s) {
  v.field("system", s.system);
  v.field("workload", s.workload);
  v.field("model", s.model);
  v.field("of", s.of);
  v.field("others", s.others);
  v.field("points", s.points);
}

template <class Visitor>
void describe(Visitor& v, Capacity& c) {
  v.field("limit", c.limit);
  v.field("sweep", c.sweep);
  v.field("value", c.value);
  v.field("sweep_ends", c.sweep_ends);
  v.field("next", c.next);
  v.field("by_stand_in", c.by_stand_in);
  v.field("outcomes", c.outcomes);
  v.field("figures", c.figures);
}

template <class Visitor>
void describe(Visitor& v, TradeOff& t) {
  v.field("sweep", t.sweep);
  v.field("limit", t.limit);
  v.field("times", t.times);
  v.field("rates", t.rates);
}

template <class Visitor>
void describe(Visitor& v, LimitVerdict& l) {
  v.field("limit", l.limit);
  v.field("system", l.system);
  v.field("verdict", l.verdict);
  v.field("cases", l.cases);
  v.field("met", l.met);
  v.field("figure", l.figure);
  v.field("bound", l.bound);
  v.field("margin", l.margin);
  v.field("turns_at", l.turns_at);
  v.field("holds_to", l.holds_to);
  v.field("why", l.why);
  v.field("advice", l.advice);
}

template <class Visitor>
void describe(Visitor& v, Contender& c) {
  v.field("system", c.system);
  v.field("passed", c.passed);
  v.field("failed", c.failed);
  v.field("undecided", c.undecided);
  v.field("tightest", c.tightest);
  v.field("per_hour", c.per_hour);
}

template <class Visitor>
void describe(Visitor& v, Recommendation& a) {
  v.field("decision", a.decision);
  v.field("systems", a.systems);
  v.field("sentence", a.sentence);
  v.field("reasons", a.reasons);
  v.field("deciding", a.deciding);
  v.field("confidence", a.confidence);
  v.field("confidence_why", a.confidence_why);
  v.field("would_change", a.would_change);
}

template <class Visitor>
void describe(Visitor& v, CaseCost& c) {
  v.field("case", c.case_index);
  v.field("system", c.system);
  v.field("metric", c.metric);
  v.field("work", c.work);
  v.field("per_hour", c.per_hour);
  v.field("with_power", c.with_power);
  v.field("cost", c.cost);
  v.field("power_w", c.power_w);
  v.field("energy_j", c.energy_j);
}

Json to_json(const Evaluation& e) {
  return {{"about", to_json(e.brief)},
          {"recommendation", JsonWriter::write(e.recommendation)},
          {"systems", JsonWriter::write(e.systems)},
          {"contenders", JsonWriter::write(e.contenders)},
          {"verdicts", JsonWriter::write(e.verdicts)},
          {"sweeps", JsonWriter::write(e.sweeps)},
          {"capacities", JsonWriter::write(e.capacities)},
          {"trade_offs", JsonWriter::write(e.trade_offs)},
          {"costs", JsonWriter::write(e.costs)},
          {"comparison", e.comparison ? to_json(*e.comparison) : Json()}};
}

}  // namespace assay
