// SPDX-License-Identifier: Apache-2.0
// The keys of a summary in `--format json`, and the names that a customer's template uses.
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
  v.field("stage", h.stage);
  v.field("unit", h.unit);
  v.field("better", h.better);
  v.field("median", h.median);
  v.field("low", h.low);
  v.field("high", h.high);
  v.field("half_width", h.half_width);
  v.field("p90", h.p90);
  v.field("p99", h.p99);
  v.field("ceiling", h.ceiling);
  v.field("n", h.n);
  v.field("converged", h.converged);
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
}

template <class Visitor>
void describe(Visitor& v, StageSummary& s) {
  v.field("name", s.name);
  v.field("iterations", s.iterations);
  v.field("time_s", s.time_s);
  v.field("ops_s", s.ops_s);
  v.field("covered", s.covered);
  v.field("ceiling_s", s.ceiling_s);
  v.field("flops_per_s", s.flops_per_s);
  v.field("bytes_per_s", s.bytes_per_s);
  v.field("of_peak", s.of_peak);
  v.field("bounds", s.bounds);
  v.field("pieces", s.pieces);
}

/// Devices are written by label: an index means nothing to a template.
struct Writer {
  const Summary& summary;
  std::string label(std::size_t device) const { return summary.devices[device].label; }

  Json operator()(const CaseSummary& c) const {
    return {{"id", c.id},
            {"short_id", c.short_id},
            {"workload", c.workload},
            {"device", label(c.device)},
            {"status", c.status},
            {"reason", JsonWriter::write(c.reason)},
            {"headlines", JsonWriter::write(c.headlines)},
            {"stages", JsonWriter::write(c.stages)}};
  }
  Json operator()(const BestFigure& b) const {
    const CaseSummary& c = summary.cases[b.case_index];
    return {{"workload", b.workload},
            {"metric", b.metric},
            {"id", c.id},
            {"short_id", c.short_id},
            {"device", label(c.device)},
            {"headline", JsonWriter::write(c.headlines[b.headline_index])},
            {"of_cases", b.of_cases}};
  }
  Json operator()(const DeviceComparison& c) const {
    return {{"id", c.id},
            {"short_id", c.short_id},
            {"metric", c.metric},
            {"baseline", label(c.baseline)},
            {"device", label(c.device)},
            {"ratio", JsonWriter::write(c.ratio)},
            {"low", JsonWriter::write(c.low)},
            {"high", JsonWriter::write(c.high)},
            {"verdict", c.verdict}};
  }
  Json operator()(const OutputAgreement& a) const {
    return {{"id", a.id},
            {"short_id", a.short_id},
            {"baseline", label(a.baseline)},
            {"device", label(a.device)},
            {"difference", JsonWriter::write(a.difference)}};
  }
  Json operator()(const Drift& d) const {
    return {{"device", label(d.device)},
            {"peak", d.peak},
            {"unit", d.unit},
            {"before", JsonWriter::write(d.before)},
            {"after", JsonWriter::write(d.after)},
            {"change", JsonWriter::write(d.change)}};
  }
  Json operator()(const VerifiedOp& o) const {
    return {{"device", label(o.device)},
            {"op", o.op},
            {"shape", o.shape},
            {"kernel", o.kernel},
            {"status", o.status},
            {"reason", o.reason},
            {"error", JsonWriter::write(o.error)},
            {"tolerance", JsonWriter::write(o.tolerance)},
            {"used", JsonWriter::write(o.used)},
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
          {"cases", write(s.cases)},
          {"ok", s.ok},
          {"skipped", s.skipped},
          {"failed", s.failed},
          {"best", write(s.best)},
          {"comparisons", write(s.comparisons)},
          {"agreements", write(s.agreements)},
          {"drift", write(s.drift)},
          {"worst_drift", s.worst_drift ? write(*s.worst_drift) : Json()},
          {"verified", write(s.verified)},
          {"not_served", write(s.not_served)},
          {"ops_passed", s.ops_passed},
          {"ops_failed", s.ops_failed},
          {"ops_skipped", s.ops_skipped},
          {"elements_checked", s.elements_checked},
          {"widest_interval", JsonWriter::write(s.widest_interval)},
          {"not_converged", s.not_converged},
          {"notes", JsonWriter::write(s.notes)}};
}

}  // namespace assay
