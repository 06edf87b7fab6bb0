// SPDX-License-Identifier: Apache-2.0
// The keys of a comparison, in summaries and in files of its own.
#pragma once

#include "analyse/comparison.h"
#include "result/result_fields.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, MetricComparison& c) {
  v.field("metric", c.metric);
  v.field("of", c.of, {.doc = "the series that it is made of"});
  v.field("unit", c.unit);
  v.field("better", c.better, {.doc = "lower or higher"});
  v.field("statistic", c.statistic);
  v.field("base", c.base, {.doc = "the baseline's figure"});
  v.field("other", c.other, {.doc = "the other's"});
  v.field("ratio", c.ratio, {.doc = "above 1 the other is better, in the figure's own sense"});
  v.field("basis", c.basis, {.doc = "what the interval is made of: none, intervals, sessions, turns"});
  v.field("low", c.low, {.doc = "95 % interval of the ratio"});
  v.field("high", c.high);
  v.field("base_sessions", c.base_sessions);
  v.field("other_sessions", c.other_sessions);
  v.field("p", c.p, {.doc = "two-sided, of the rank test of this figure alone"});
  v.field("p_adjusted", c.p_adjusted, {.doc = "Holm's, over every figure that was compared"});
  v.field("effect", c.effect, {.doc = "class of Cliff's delta of the sessions"});
  v.field("verdict", c.verdict, {.doc = "faster, slower, same, cannot_tell"});
  v.field("why", c.why, {.doc = "it cannot be told, and what would tell"});
}

template <class Visitor>
void describe(Visitor& v, OutputComparison& c) {
  v.field("output", c.output);
  v.field("difference", c.difference, {.doc = "rms of the difference / rms"});
  v.field("tolerance", c.tolerance);
  v.field("verdict", c.verdict, {.doc = "agree, disagree, cannot_tell"});
  v.field("why", c.why);
}

}  // namespace assay
