// SPDX-License-Identifier: Apache-2.0
// The keys of a verdict file.
#include "gate/gate.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, GateEntry& e) {
  v.field("case", e.case_id);
  v.field("device", e.device);
  v.field("metric", e.metric);
  v.field("unit", e.unit);
  v.field("limit", e.limit, {.doc = "as people say it"});
  v.field("base", e.base, {.doc = "the baseline's figure"});
  v.field("candidate", e.candidate, {.doc = "the candidate's figure"});
  v.field("value", e.value, {.doc = "of a loss its share, above 0 worse; else the candidate's figure"});
  v.field("low", e.low, {.doc = "95 % interval of value"});
  v.field("high", e.high);
  v.field("bound", e.bound, {.doc = "what is allowed, as value is"});
  v.field("catches", e.catches, {.doc = "the loss from which on `pass` is never said"});
  v.field("base_sessions", e.base_sessions);
  v.field("candidate_sessions", e.candidate_sessions);
  v.field("turns", e.turns, {.doc = "the sessions were taken in turn"});
  v.field("calibrated", e.calibrated, {.doc = "the bound allows for noise that was measured here"});
  v.field("p", e.p, {.doc = "two-sided"});
  v.field("p_adjusted", e.p_adjusted, {.doc = "Holm's, over the losses of the gate"});
  v.field("verdict", e.verdict, {.doc = "pass, fail, cannot_tell"});
  v.field("base_moved", e.base_moved, {.doc = "the baseline lies elsewhere than its pin"});
  v.field("confirmed", e.confirmed, {.doc = "judged by the confirming run"});
  v.field("known", e.known, {.doc = "reason of a known regression, which is why it passes"});
  v.field("why", e.why);
  v.field("advice", e.advice);
}

template <class Visitor>
void describe(Visitor& v, GateDifference& d) {
  v.field("key", d.key, {.doc = "of --allow-different"});
  v.field("what", d.what);
  v.field("base", d.base);
  v.field("candidate", d.candidate);
  v.field("allowed", d.allowed);
}

template <class Visitor>
void describe(Visitor& v, GateVerdict& g) {
  v.field("schema", g.schema, {.doc = "assay.verdict/1", .required = true});
  v.field("verdict", g.verdict, {.doc = "pass, fail, cannot_tell", .required = true});
  v.field("summary", g.summary, {.doc = "a sentence"});
  v.field("baseline", g.baseline);
  v.field("candidate", g.candidate);
  v.field("limits", g.limits, {.doc = "name of the limits"});
  v.field("questions", g.questions, {.doc = "losses that were judged together"});
  v.field("passed", g.passed);
  v.field("failed", g.failed);
  v.field("undecided", g.undecided);
  v.field("only_noise", g.only_noise,
          {.doc = "it cannot be told, and noise or too few sessions alone are why"});
  v.field("differences", g.differences, {.doc = "what makes the results no fair comparison"});
  v.field("missing", g.missing);
  v.field("wrong", g.wrong, {.doc = "cases whose numbers were wrong"});
  v.field("notes", g.notes);
  v.field("entries", g.entries, {.doc = "one a limit and figure, failures first"});
}

Json to_json(const GateVerdict& verdict) {
  return JsonWriter::write(verdict);
}

Json verdict_schema() {
  Json schema = SchemaWriter(SchemaWriter::Unknown::accept).schema_of<GateVerdict>();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "verdict of assay gate";
  return schema;
}

}  // namespace assay
