// SPDX-License-Identifier: Apache-2.0
// The keys of a limits file.
#pragma once

#include "gate/limits.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, Limit& l) {
  v.field("metric", l.metric, {.doc = "names of figures; * stands for any text"});
  v.field("cases", l.cases, {.doc = "ids of cases; * stands for any text"});
  v.field("statistic", l.statistic, {.doc = "only figures of this one"});
  v.field("direction", l.direction, {.doc = "worse: a gain passes; either: any change beyond it fails"});
  v.field("loss", l.loss,
          {.doc = "share by which it may cost more than the baseline (a time, or one over a rate): 0.03",
           .unit = "1",
           .min = 0,
           .max = 100});
  v.field("loss_absolute", l.loss_absolute,
          {.doc = "loss in the figure's own unit; where `loss` stands too, both must be exceeded", .min = 0});
  v.field("noise", l.noise,
          {.doc = "no worse than results that differ in nothing lie apart: needs a calibration"});
  v.field(
      "must_catch", l.must_catch,
      {.doc = "a loss from which on `pass` is never said; else 5/3 of `loss`, or what noise leaves visible",
       .unit = "1",
       .min = 0,
       .max = 100});
  v.field("at_most", l.at_most, {.doc = "of the candidate's own figure, in its unit"});
  v.field("at_least", l.at_least, {.doc = "of the candidate's own figure, in its unit"});
}

template <class Visitor>
void describe(Visitor& v, Noise& n) {
  v.field("case", n.case_id, {.required = true});
  v.field("device", n.device, {.required = true});
  v.field("of", n.of, {.doc = "the series", .required = true});
  v.field("statistic", n.statistic);
  v.field("turns", n.turns, {.doc = "of interleaved results"});
  v.field("sessions", n.sessions, {.doc = "a side", .min = 1});
  v.field("pairs", n.pairs, {.doc = "of results", .min = 1});
  v.field("floor", n.floor, {.doc = "95th percentile of |ratio - 1|", .unit = "1", .min = 0});
  v.field("deviation", n.deviation, {.doc = "standard, of the ratio's logarithm", .min = 0, .max = 100});
  v.field("largest", n.largest, {.doc = "of the ratio's logarithm, without its sign", .min = 0, .max = 100});
  v.field("within", n.within, {.doc = "standard deviation of sessions of one result", .min = 0});
  v.field("between", n.between, {.doc = "of results, beyond that", .min = 0});
  v.field("degrees", n.degrees,
          {.doc = "of freedom of the deviation: results - 1; of interleaved ones, pairs or their blocks",
           .min = 0});
}

template <class Visitor>
void describe(Visitor& v, Limits& l) {
  v.field("$schema", l.schema_file);
  v.field("schema", l.schema, {.doc = "assay.limits/1", .required = true});
  v.field("name", l.name);
  v.field("significance", l.significance,
          {.doc = "of all losses of a gate together (Holm)", .unit = "1", .min = 1e-6, .max = 0.5});
  v.field("false_alarms", l.false_alarms,
          {.doc = "wanted: share of suites without a change that fail; what calibrated bounds are made for",
           .unit = "1",
           .min = 1e-6,
           .max = 0.5});
  v.field("min_sessions", l.min_sessions,
          {.doc = "a side, where there is neither a calibration nor turns", .min = 2, .max = 1000});
  v.field("limits", l.limits, {.doc = "of those on a loss the last that fits a figure decides"});
  v.field("calibrated_on", l.calibrated_on, {.doc = "device and dates"});
  v.field("noise", l.noise, {.doc = "what `assay gate --calibrate` found"});
}

}  // namespace assay
