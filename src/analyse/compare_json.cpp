// SPDX-License-Identifier: Apache-2.0
// The keys of a comparison's file.
#include "analyse/compare_results.h"
#include "analyse/comparison_fields.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, ComparedResult& r) {
  v.field("label", r.label, {.doc = "tells it apart from the others here", .required = true});
  v.field("name", r.name, {.doc = "of its run config"});
  v.field("started_at", r.started_at, {.doc = "UTC, ISO 8601"});
  v.field("status", r.status, {.doc = "complete or partial"});
  v.field("devices", r.devices, {.doc = "their names"});
  v.field("tool", r.tool, {.doc = "that measured it"});
}

template <class Visitor>
void describe(Visitor& v, Difference& d) {
  v.field("about", d.about, {.doc = "machine, device, tool, config, cases"});
  v.field("key", d.key, {.doc = "what differs; of a config a JSON pointer"});
  v.field("base", d.base, {.doc = "null: the baseline does not say"});
  v.field("other", d.other);
  v.field("cases", d.cases, {.doc = "of what cases say: how many differ so", .min = 0});
}

template <class Visitor>
void describe(Visitor& v, KernelDifference& k) {
  v.field("op", k.op);
  v.field("shape", k.shape);
  v.field("place", k.place, {.doc = "the device, or the host that feeds it"});
  v.field("base", k.base, {.doc = "its kernel, with its variant; null: it has no such op"});
  v.field("other", k.other);
  v.field("cases", k.cases, {.doc = "short ids"});
}

template <class Visitor>
void describe(Visitor& v, StagePair& s) {
  v.field("stage", s.stage);
  v.field("base_s", s.base_s, {.doc = "of one iteration"});
  v.field("other_s", s.other_s);
  v.field("base_bound", s.base_bound, {.doc = "what binds most of its time"});
  v.field("other_bound", s.other_bound);
  v.field("base_of_bound", s.base_of_bound, {.doc = "bound at the measured peaks / time"});
  v.field("other_of_bound", s.other_of_bound);
  v.field("base_of_peak", s.base_of_peak, {.doc = "op-by-op estimate at the measured peaks / time"});
  v.field("other_of_peak", s.other_of_peak);
}

template <class Visitor>
void describe(Visitor& v, PerWatt& p) {
  v.field("metric", p.metric);
  v.field("base_w", p.base_w, {.doc = "mean while samples were taken"});
  v.field("other_w", p.other_w);
  v.field("ratio", p.ratio, {.doc = "above 1 the other gives more for a watt"});
}

template <class Visitor>
void describe(Visitor& v, PerMoney& p) {
  v.field("metric", p.metric);
  v.field("work", p.work, {.doc = "that the costs are of"});
  v.field("base_per_hour", p.base_per_hour, {.doc = "price of an hour"});
  v.field("other_per_hour", p.other_per_hour);
  v.field("with_power", p.with_power, {.doc = "the price of power is in, since it is known on both sides"});
  v.field("base_cost", p.base_cost);
  v.field("other_cost", p.other_cost);
  v.field("ratio", p.ratio, {.doc = "above 1 the other gives more for its money"});
  v.field("why", p.why, {.doc = "they are not known"});
}

/// In a file a question is the name of its figure.
struct NamedQuestion {
  std::string metric;
  std::vector<std::string> also;
};

template <class Visitor>
void describe(Visitor& v, NamedQuestion& q) {
  v.field("metric", q.metric);
  v.field("also", q.also, {.doc = "figures made of the same draws: they are no other question"});
}

template <class Visitor>
void describe(Visitor& v, ComparedCase& c) {
  v.field("id", c.id, {.required = true});
  v.field("short_id", c.short_id, {.doc = "without what all ids here share"});
  v.field("workload", c.workload);
  v.field("base_device", c.base_device, {.doc = "id in its result"});
  v.field("other_device", c.other_device);
  v.field("different", c.of.different, {.doc = "not empty: why the two are not the same work"});
  v.field("not_measured", c.of.not_measured, {.doc = "not empty: which of the two is no measurement"});
  v.field("metrics", c.of.metrics);
  std::vector<NamedQuestion> questions;
  for (const Question& q : c.questions) questions.push_back({c.of.metrics[q.metric].metric, q.also});
  v.field("questions", questions, {.doc = "figures by the draws that they are made of"});
  v.field("outputs", c.of.outputs);
  v.field("ratio", c.ratio, {.doc = "geometric mean over its questions"});
  v.field("low", c.low, {.doc = "null where a question has no interval"});
  v.field("high", c.high);
  v.field("per_watt", c.per_watt, {.doc = "null where power is not known on both sides"});
  v.field("per_money", c.per_money, {.doc = "null where no prices were given"});
  v.field("stages", c.stages);
}

template <class Visitor>
void describe(Visitor& v, MissingCase& m) {
  v.field("id", m.id);
  v.field("device", m.device);
}

template <class Visitor>
void describe(Visitor& v, WorkloadMean& m) {
  v.field("workload", m.workload);
  v.field("cases", m.cases, {.min = 0});
  v.field("figures", m.figures, {.doc = "that it is made of", .min = 0});
  v.field("without_interval", m.without_interval, {.doc = "among them; then the mean has none", .min = 0});
  v.field("ratio", m.ratio, {.doc = "geometric mean over cases"});
  v.field("low", m.low, {.doc = "geometric mean of the cases' ends: holds however they hang together"});
  v.field("high", m.high);
}

template <class Visitor>
void describe(Visitor& v, Counts& c) {
  v.field("cases", c.cases, {.doc = "that both have", .min = 0});
  v.field("compared", c.compared, {.doc = "of which figures stand beside each other", .min = 0});
  v.field("faster", c.faster, {.doc = "questions", .min = 0});
  v.field("slower", c.slower, {.min = 0});
  v.field("same", c.same, {.min = 0});
  v.field("cannot_tell", c.cannot_tell, {.min = 0});
  v.field("outputs_agree", c.agree, {.min = 0});
  v.field("outputs_disagree", c.disagree, {.min = 0});
  v.field("outputs_cannot_tell", c.outputs_cannot_tell, {.min = 0});
}

/// Where a result stands in the list is nothing for a file: its label is written instead.
struct NamedAgainst {
  std::string label;
  const Against* of = nullptr;
};

template <class Visitor>
void describe(Visitor& v, NamedAgainst& named) {
  static const Against kNone;  // for the schema
  const Against& a = named.of != nullptr ? *named.of : kNone;
  v.field("label", named.label, {.doc = "the result that stands beside the baseline", .required = true});
  v.field("counts", a.counts, {.required = true});
  v.field("means", a.means, {.doc = "by workload"});
  v.field("other_machine", a.other_machine);
  v.field("notes", a.notes, {.doc = "what to keep in mind"});
  v.field("differences", a.differences, {.doc = "between the results, besides their figures"});
  v.field("same_keys", a.same_keys, {.doc = "what was looked at and is the same", .min = 0});
  v.field("kernels", a.kernels, {.doc = "choices that fell on another kernel"});
  v.field("same_kernels", a.same_kernels, {.doc = "choices that fell alike", .min = 0});
  v.field("cases", a.cases, {.doc = "that both have", .required = true});
  v.field("only_in_base", a.only_in_base);
  v.field("only_in_other", a.only_in_other);
}

template <class Visitor>
void describe(Visitor& v, ResultsComparison& c) {
  v.field("schema", c.schema, {.doc = "assay.comparison/1", .required = true});
  v.field("results", c.results, {.doc = "the baseline first", .required = true});
  v.field("common_id", c.common_id, {.doc = "what the ids of all cases here share"});
  v.field("questions", c.questions, {.doc = "over which p values were adjusted", .min = 0});
  const std::optional<std::string> currency = c.prices ? std::optional(c.prices->currency) : std::nullopt;
  v.field("currency", currency, {.doc = "of costs; null: no prices were given"});
  std::vector<NamedAgainst> others;
  for (const Against& a : c.others) others.push_back({c.results[a.result].label, &a});
  v.field("others", others, {.required = true});
}

Json to_json(const ResultsComparison& comparison) {
  return JsonWriter::write(comparison);
}

Json comparison_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"$id", "urn:assay:comparison:1"},
                 {"title", "assay comparison"},
                 {"description", "What `assay compare` found: results of the same work beside one baseline"}};
  schema.update(SchemaWriter(SchemaWriter::Unknown::accept).schema_of<ResultsComparison>());
  schema["properties"]["schema"] = {{"type", "string"}, {"pattern", "^assay\\.comparison/1(\\.[0-9]+)?$"}};
  return schema;
}

}  // namespace assay
