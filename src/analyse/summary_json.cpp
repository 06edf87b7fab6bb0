// SPDX-License-Identifier: Apache-2.0
// The keys of a summary in `--format json`, and the names that a customer's template uses.
#include "analyse/comparison_fields.h"
#include "analyse/summary.h"
#include "result/result_fields.h"

namespace assay {

template <class Visitor>
void describe(Visitor& v, DeviceSummary& d) {
  constexpr std::int64_t kNone = 0;
  v.field("label", d.label);
  v.field("id", d.id);
  v.field("kind", d.kind);
  v.field("name", d.name);
  v.field("result", d.result);
  field_or_null(v, "memory_bytes", d.memory_bytes, kNone, {});
  field_or_null(v, "cache_bytes", d.cache_bytes, kNone, {});
  field_or_null(v, "units", d.units, kNone, {});
  v.field("peaks", d.peaks);
}

template <class Visitor>
void describe(Visitor& v, Headline& h) {
  v.field("metric", h.metric);
  v.field("of", h.of);
  v.field("peak_of", h.peak_of);
  v.field("unit", h.unit);
  v.field("better", h.better);
  v.field("statistic", h.statistic);
  v.field("amount", h.amount);
  v.field("value", h.value);
  v.field("low", h.low);
  v.field("high", h.high);
  v.field("half_width", h.half_width);
  v.field("p90", h.p90);
  v.field("p99", h.p99);
  v.field("ceiling", h.ceiling);
  v.field("n", h.n);
  v.field("blocks", h.blocks);
  v.field("sessions", h.sessions);
  v.field("within_deviation", h.within_deviation);
  v.field("between_deviation", h.between_deviation);
  v.field("converged", h.converged);
  v.field("why", h.why);
}

template <class Visitor>
void describe(Visitor& v, Piece& p) {
  v.field("name", p.name);
  v.field("share", p.share);
  v.field("bound", p.bound);
}

template <class Visitor>
void describe(Visitor& v, BoundShare& b) {
  v.field("bound", b.bound);
  v.field("share", b.share);
  v.field("of_peak", b.of_peak);
}

template <class Visitor>
void describe(Visitor& v, PartSummary& p) {
  v.field("name", p.name);
  v.field("share", p.share);
  v.field("time_s", p.time_s);
  v.field("bound", p.bound);
  v.field("of_bound", p.of_bound);
  v.field("of_peak", p.of_peak);
}

template <class Visitor>
void describe(Visitor& v, LookupSummary& l) {
  auto op = static_cast<std::int64_t>(l.op);
  v.field("op", op);
  v.field("from_cache", l.from_cache);
  v.field("cacheable", l.cacheable);
  v.field("cache_bytes", l.cache_bytes);
}

template <class Visitor>
void describe(Visitor& v, StageSummary& s) {
  v.field("name", s.name);
  v.field("times", s.times);
  v.field("parts", s.parts);
  v.field("lookups", s.lookups);
  v.field("item_energy_j", s.item_energy_j);
  v.field("time_s", s.time_s);
  v.field("ops_s", s.ops_s);
  v.field("covered", s.covered);
  v.field("bound_s", s.bound_s);
  v.field("ceiling_s", s.ceiling_s);
  v.field("flops_per_s", s.flops_per_s);
  v.field("bytes_per_s", s.bytes_per_s);
  v.field("of_bound", s.of_bound);
  v.field("of_peak", s.of_peak);
  v.field("withheld", s.withheld);
  v.field("bounds", s.bounds);
  v.field("pieces", s.pieces);
}

template <class Visitor>
void describe(Visitor& v, CaseCeiling& c) {
  std::string unit = c.unit();
  v.field("peak", c.peak);
  v.field("unit", unit);
  v.field("datasheet", c.datasheet);
  v.field("measured", c.measured);
  v.field("beside", c.beside);
  v.field("why", c.why);
}

template <class Visitor>
void describe(Visitor& v, Usability& u) {
  v.field("verdict", u.verdict);
  v.field("cases", u.cases);
  v.field("measured", u.measured);
  v.field("disturbed", u.disturbed);
  v.field("reasons", u.reasons);
}

template <class Visitor>
void describe(Visitor& v, WaySummary::Piece& p) {
  v.field("stage", p.stage);
  v.field("place", p.place);
  v.field("time_s", p.time_s);
  v.field("share", p.share);
}

template <class Visitor>
void describe(Visitor& v, WaySummary& w) {
  v.field("pieces", w.pieces);
  v.field("host_s", w.host_s);
  v.field("device_s", w.device_s);
  v.field("item", w.item);
  v.field("binds", w.binds);
  v.field("cores", w.cores);
  v.field("cores_to_feed", w.cores_to_feed);
  v.field("core_s_per_item", w.core_s_per_item);
}

/// Devices are written by label and cases by id: an index means nothing to a template.
struct Writer {
  const Summary& summary;
  std::string label(std::size_t device) const { return summary.devices[device].label; }

  Json operator()(const CaseSummary& c) const {
    return {{"id", c.id},
            {"short_id", c.short_id},
            {"workload", c.workload},
            {"model", c.model},
            {"conditions", c.conditions},
            {"settings", c.settings},
            {"parameters", JsonWriter::write(c.parameters)},
            {"device", label(c.device)},
            {"status", name_of(c.status)},
            {"reason", JsonWriter::write(c.reason)},
            {"disturbed", c.disturbed},
            {"headlines", JsonWriter::write(c.headlines)},
            {"stages", JsonWriter::write(c.stages)},
            {"way", JsonWriter::write(c.way)},
            {"ceilings", JsonWriter::write(c.ceilings)},
            {"floor_s", JsonWriter::write(c.floor_s)}};
  }
  Json operator()(const BestFigure& b) const {
    const CaseSummary& c = summary.cases[b.case_index];
    return {{"metric", b.metric},     {"id", c.id},
            {"short_id", c.short_id}, {"headline", JsonWriter::write(c.headlines[b.headline_index])},
            {"of_cases", b.of_cases}, {"at", b.at}};
  }
  Json operator()(const ModelSummary& m) const {
    return {{"label", m.label},
            {"conditions", m.conditions},
            {"workload", m.workload},
            {"model", m.model},
            {"run", m.run},
            {"device", label(m.device)},
            {"over", JsonWriter::write(m.over)},
            {"best", (*this)(m.best)}};
  }
  Json operator()(const Remedy::Cause& c) const {
    Json cases = Json::array();
    for (const std::size_t i : c.cases)
      cases.push_back({{"id", summary.cases[i].id}, {"device", label(summary.cases[i].device)}});
    return {{"cause", c.text}, {"cases", std::move(cases)}};
  }
  Json operator()(const Remedy& r) const { return {{"remedy", r.remedy}, {"causes", (*this)(r.causes)}}; }
  Json operator()(const CaseComparison& c) const {
    return {{"id", c.id},
            {"short_id", c.short_id},
            {"baseline", label(c.baseline)},
            {"device", label(c.device)},
            {"not_measured", c.of.not_measured},
            {"metrics", JsonWriter::write(c.of.metrics)},
            {"outputs", JsonWriter::write(c.of.outputs)}};
  }
  Json operator()(const Drift& d) const {
    return {{"device", label(d.device)},
            {"peak", d.peak},
            {"unit", d.unit},
            {"before", JsonWriter::write(d.before)},
            {"after", JsonWriter::write(d.after)},
            {"change", JsonWriter::write(d.change)}};
  }
  Json operator()(const VerifiedKernel& k) const {
    return {{"worst", (*this)(k.worst)}, {"shapes", k.shapes}, {"checked", k.checked}};
  }
  Json operator()(const VerifiedOp& o) const {
    return {{"device", label(o.device)},
            {"op", o.op},
            {"shape", o.shape},
            {"kernel", o.kernel},
            {"status", name_of(o.status)},
            {"reason", o.reason},
            {"error", JsonWriter::write(o.error)},
            {"tolerance", JsonWriter::write(o.tolerance)},
            {"used", JsonWriter::write(o.used)},
            {"one_rounding", o.one_rounding},
            {"tolerance_factors", o.tolerance_factors},
            {"checked", o.checked}};
  }
  Json operator()(const NotServed& n) const {
    return {{"device", label(n.device)},
            {"op", n.op},
            {"kernel", n.kernel},
            {"reason", n.reason},
            {"shapes", JsonWriter::write(n.shapes)}};
  }
  template <typename T>
  Json operator()(const std::vector<T>& all) const {
    Json array = Json::array();
    for (const T& one : all) array.push_back((*this)(one));
    return array;
  }
};

Json to_json(const Summary& s) {
  const Writer write{s};
  return {{"devices", JsonWriter::write(s.devices)},
          {"common_id", s.common_id},
          {"usable", JsonWriter::write(s.usable)},
          {"warnings", write(s.warnings)},
          {"cases", write(s.cases)},
          {"ok", s.ok},
          {"skipped", s.skipped},
          {"failed", s.failed},
          {"not_a_measurement", s.not_a_measurement},
          {"models", write(s.models)},
          {"comparisons", write(s.comparisons)},
          {"disagreements", s.disagreements},
          {"drift", write(s.drift)},
          {"worst_drift", s.worst_drift ? write(*s.worst_drift) : Json()},
          {"verified", write(s.verified)},
          {"verified_kernels", write(s.verified_kernels)},
          {"not_served", write(s.not_served)},
          {"ops_passed", s.ops_passed},
          {"ops_failed", s.ops_failed},
          {"ops_skipped", s.ops_skipped},
          {"elements_checked", s.elements_checked},
          {"in_situ_cases", s.in_situ_cases},
          {"in_situ_ops", s.in_situ_ops},
          {"in_situ_values", s.in_situ_values},
          {"in_situ_failures", s.in_situ_failures},
          {"widest_interval", JsonWriter::write(s.widest_interval)},
          {"fewest_sessions", JsonWriter::write(s.fewest_sessions)},
          {"not_converged", s.not_converged},
          {"notes", JsonWriter::write(s.notes)}};
}

}  // namespace assay
