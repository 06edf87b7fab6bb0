// SPDX-License-Identifier: Apache-2.0
// The keys of a result file: one declaration a struct serves reader, writer and JSON Schema. Included by
// result_json.cpp, and by whatever embeds results in files of its own.
#pragma once

#include <cmath>
#include <limits>

#include "base/fact.h"
#include "result/peak_fields.h"
#include "result/result.h"

namespace assay {

/// A number whose unknown value in memory is `none` and in the file null.
template <class Visitor, typename T>
void field_or_null(Visitor& v, std::string_view key, T& value, T none, const FieldRule& rule) {
  std::optional<T> known;
  if (value != none && value == value) known = value;  // NaN is unequal to itself
  v.field(key, known, rule);
  value = known.value_or(none);
}

template <class Visitor>
void describe(Visitor& v, SeriesResult& s) {
  v.field("unit", s.unit, {.doc = "of each draw", .required = true});
  v.field("blocks", s.blocks, {.doc = "every draw in the order taken, grouped by the block it came from"});
  field_or_null(v, "sessions", s.sessions, {},
                {.doc = "blocks of each session, in order; null where there was one"});
}

template <class Visitor>
void describe(Visitor& v, MetricResult& m) {
  v.field("unit", m.unit, {.doc = "s, tokens/s, or 1 for a share", .required = true});
  v.field("better", m.better, {.doc = "lower or higher", .required = true});
  v.field("statistic", m.statistic, {.doc = "of the draws"});
  field_or_null(v, "value", m.value, kUnknownValue,
                {.doc = "the figure; null where it is withheld", .required = true});
  field_or_null(v, "ci95", m.ci95, {},
                {.doc = "95 % interval of the figure [low, high]; null where the blocks are too few"});
  v.field("of", m.of, {.doc = "the series that it is made of"});
  field_or_null(v, "amount", m.amount, 0.0,
                {.doc = "the figure is amount / draw; null: the draw itself", .min = 0});
  field_or_null(v, "min", m.min, kUnknownValue,
                {.doc = "of the smallest draw, or of the largest for a rate"});
  field_or_null(v, "max", m.max, kUnknownValue, {.doc = "the other end"});
  v.field("p90", m.p90, {.doc = "90th percentile, where the draws support it"});
  v.field("p99", m.p99, {.doc = "99th percentile, where the draws support it"});
  v.field("n", m.n, {.doc = "draws", .min = 0});
  v.field("blocks", m.blocks, {.doc = "that the draws came in", .min = 0});
  v.field("units", m.units,
          {.doc = "of which the interval is made: blocks, merged where neighbours hang together, or sessions",
           .min = 0});
  v.field("within_sessions", m.within_sessions, {.doc = "variance within sessions, where there are several"});
  v.field("between_sessions", m.between_sessions, {.doc = "variance between sessions"});
  v.field("converged", m.converged, {.doc = "the interval met target_ci before max_seconds"});
  v.field("why", m.why, {.doc = "why it did not converge, or is withheld"});
  v.field("definition", m.definition, {.doc = "what the metric is, in a sentence"});
  v.field("ceiling", m.ceiling,
          {.doc = "the best value that the peaks probed beside it allow: at the bound of its stage"});
  v.field("peak_of", m.peak_of, {.doc = "shares: the peak they are of, a path or a dtype"});
  v.field("peak", m.peak, {.doc = "its value, in bytes/s or FLOP/s", .min = 0});
}

template <class Visitor>
void describe(Visitor& v, OfPeak& p) {
  v.field("datasheet", p.datasheet, {.doc = "share of the vendor's ceiling that binds; 1 is at the ceiling"});
  v.field("measured", p.measured, {.doc = "share of the ceiling that a probe reached on this machine"});
}

template <class Visitor>
void describe(Visitor& v, RandomReadsResult& r) {
  v.field("rows", r.rows, {.doc = "that a call asks for, repeats included", .min = 0});
  v.field("distinct_rows", r.distinct_rows, {.doc = "among them: what must be read", .min = 0});
  v.field("row_bytes", r.row_bytes, {.min = 0});
  v.field("table_bytes", r.table_bytes, {.doc = "of all rows there are", .min = 0});
  v.field("path", r.path, {.doc = "to where the table lives"});
  v.field("cacheable", r.cacheable,
          {.doc = "by bytes of a cache: the share of the lookups that it could serve at best, by their law",
           .min = 0});
  v.field("rows_per_s", r.rows_per_s, {.doc = "asked for"});
  v.field("bytes_per_s", r.bytes_per_s, {.doc = "of the different rows"});
  v.field("served_bytes_per_s", r.served_bytes_per_s,
          {.doc = "of all rows asked for; above the peak, caches served some of them"});
  v.field("peak_bytes_per_s", r.peak_bytes_per_s, {.doc = "probed, of such rows at random places"});
  v.field("of_peak", r.of_peak, {.doc = "bytes_per_s / that peak"});
  v.field("of_streaming", r.of_streaming, {.doc = "bytes_per_s / the peak of the path"});
}

template <class Visitor>
void describe(Visitor& v, OpResult& o) {
  v.field("name", o.name, {.doc = "label of the steps that share it", .required = true});
  v.field("part", o.part, {.doc = "of the model; empty: it has no parts"});
  v.field("kind", o.kind, {.doc = "the operation", .required = true});
  v.field("kernel", o.kernel, {.doc = "the kernel chosen by measurement"});
  v.field("shape", o.shape, {.doc = "sizes and element types"});
  v.field("dtype", o.dtype, {.doc = "precision whose arithmetic peak is its ceiling"});
  v.field("calls", o.calls, {.doc = "in an iteration of the stage", .min = 0});
  v.field("flops", o.flops,
          {.doc = "of one call; a multiply-add is 2. Less than the op counts where its kernel's algorithm "
                  "saves some",
           .min = 0});
  v.field("bytes", o.bytes,
          {.doc = "of one call by path: each input read once, each output written once", .min = 0});
  v.field("time_s", o.time_s, {.doc = "of one call"});
  v.field("share", o.share, {.doc = "of the time of the stage's ops together"});
  v.field("bound", o.bound,
          {.doc = "what its least time is made of: compute or a path; launch where it takes no longer"});
  v.field("flops_per_s", o.flops_per_s, {.doc = "achieved"});
  v.field("bytes_per_s", o.bytes_per_s, {.doc = "achieved, of the bytes in the device's memory"});
  v.field("intensity", o.intensity, {.doc = "FLOP per byte in the device's memory"});
  v.field("of_peak", o.of_peak, {.doc = "least time at the ceilings / time"});
  v.field("random_reads", o.random_reads, {.doc = "of an op that reads rows where its integers say"});
  v.field("rejected", o.rejected, {.doc = "other kernels that verified and were slower: median seconds"});
}

template <class Visitor>
void describe(Visitor& v, CompulsoryResult& c) {
  v.field("flops", c.flops,
          {.doc = "by number format, by the algorithms chosen: less than the stage's where one saves some",
           .min = 0});
  v.field("bytes", c.bytes,
          {.doc = "by path: weights once, state, inputs; nothing that one op makes for another", .min = 0});
}

template <class Visitor>
void describe(Visitor& v, StageResult& s) {
  v.field("name", s.name, {.doc = "prefill, decode", .required = true});
  v.field("place", s.place, {.doc = "the device, or the host that feeds it"});
  v.field("times", s.times, {.doc = "that it runs in one pass", .min = 0});
  field_or_null(v, "items", s.items, 0.0, {.doc = "that one iteration produces or consumes", .min = 0});
  v.field("item", s.item, {.doc = "what they are: token, pair"});
  field_or_null(v, "cores", s.cores, std::int64_t{0},
                {.doc = "of a CPU, that it has; null: it runs on none"});
  v.field("flops", s.flops, {.doc = "of one iteration, as its ops count them", .min = 0});
  v.field("bytes", s.bytes, {.doc = "of one iteration, by path", .min = 0});
  v.field("compulsory", s.compulsory,
          {.doc = "what every implementation must do in one iteration, however it fuses ops"});
  v.field("time_s", s.time_s, {.doc = "of one iteration, end to end"});
  v.field("bound_s", s.bound_s,
          {.doc = "the compulsory work at the measured peaks, whichever takes longest: no engine that does "
                  "it is faster"});
  v.field("ceiling_s", s.ceiling_s,
          {.doc = "the op-by-op estimate: least times of its ops at the measured peaks, added up; an engine "
                  "that fuses more may be faster"});
  v.field("covered", s.covered, {.doc = "times of its ops, each timed alone, added up / its own time"});
  v.field("of_bound", s.of_bound, {.doc = "bound / time, end to end"});
  v.field("of_peak", s.of_peak, {.doc = "op-by-op estimate / time, end to end"});
  v.field("ops", s.ops, {.doc = "each timed alone"});
}

template <class Visitor>
void describe(Visitor& v, OpVerification& o) {
  v.field("op", o.op, {.doc = "label of the step", .required = true});
  v.field("shape", o.shape, {});
  v.field("kernel", o.kernel, {});
  v.field("status", o.status, {.doc = "passed, failed or skipped", .required = true});
  v.field("error", o.error, {.doc = "largest relative error against the float64 reference"});
  v.field("tolerance", o.tolerance, {.doc = "the error allowed"});
  v.field("rounding", o.rounding, {.doc = "one rounding to the stored type, which no kernel can avoid"});
  v.field("tolerance_factors", o.tolerance_factors, {.doc = "what the tolerance is made of"});
  v.field("checked", o.checked, {.doc = "output elements compared", .min = 0});
  v.field("reason", o.reason, {.doc = "why it failed or was skipped"});
}

template <class Visitor>
void describe(Visitor& v, OutputResult& o) {
  v.field("mean", o.mean, {});
  v.field("rms", o.rms, {.doc = "root mean square"});
  v.field("largest", o.largest, {.doc = "largest magnitude"});
  v.field("values", o.values, {.doc = "at places drawn from the seed"});
  v.field("tolerance", o.tolerance, {.doc = "of rms(a - b) / rms(a) of the values of two devices", .min = 0});
  v.field("tolerance_factors", o.tolerance_factors, {.doc = "what the tolerance is made of"});
}

template <class Visitor>
void describe(Visitor& v, InSituResult& r) {
  v.field("status", r.status, {.doc = "passed or failed", .required = true});
  v.field("ops", r.ops, {.doc = "judged against their references, with what was in their buffers", .min = 0});
  v.field("elements", r.elements, {.doc = "of their outputs, compared", .min = 0});
  v.field("values", r.values, {.doc = "reads of activations that held what had been written", .min = 0});
  v.field("reason", r.reason, {.doc = "of a failure"});
}

template <class Visitor>
void describe(Visitor& v, VerificationResult& r) {
  v.field("status", r.status, {.doc = "passed or failed", .required = true});
  v.field("max_relative_error", r.max_relative_error, {.doc = "of the op nearest to its tolerance"});
  v.field("tolerance", r.tolerance, {.doc = "of that op"});
  v.field("in_situ", r.in_situ, {.doc = "one whole pass, step by step"});
  v.field("outputs", r.outputs, {.doc = "what devices, kernels and versions are compared by"});
  v.field("ops", r.ops, {});
}

template <class Visitor>
void describe(Visitor& v, ChoiceResult& c) {
  v.field("op", c.op, {.doc = "the operation", .required = true});
  v.field("shape", c.shape, {.required = true});
  v.field("place", c.place, {.doc = "the device, or the host that feeds it"});
  v.field("kernel", c.kernel, {.doc = "chosen by measurement, or forced", .required = true});
  v.field("variant", c.variant, {.doc = "of a library's algorithms the one in use"});
}

template <class Visitor>
void describe(Visitor& v, TelemetryResult& t) {
  v.field("power_w", t.power_w, {.doc = "mean while samples were taken"});
  v.field("energy_j", t.energy_j, {.doc = "of the timed work alone"});
  v.field("clock_mhz", t.clock_mhz, {.doc = "mean"});
  v.field("temperature_max_c", t.temperature_max_c, {.doc = "highest"});
  v.field("throttle_reasons", t.throttle_reasons, {.doc = "of clocks below what the device could reach"});
  v.field("stolen_share", t.stolen_share,
          {.doc = "of the CPUs' time, taken by the hypervisor for other machines", .min = 0});
  v.field("others_share", t.others_share,
          {.doc = "of the CPUs' time, taken by other processes and other machines", .min = 0});
  v.field("cgroup_throttled_share", t.cgroup_throttled_share,
          {.doc = "of the time, withheld by the control group's quota", .min = 0});
  v.field("involuntary_switches", t.involuntary_switches,
          {.doc = "times that a thread of ours had to make way", .min = 0});
  v.field("migrations", t.migrations, {.doc = "times that a thread of ours changed its CPU", .min = 0});
  v.field("throttled_blocks", t.throttled_blocks,
          {.doc = "taken again, since the device's clock was below 95 % of the session's", .min = 0});
  v.field("slow_blocks", t.slow_blocks, {.doc = "throttled too, and kept for want of better", .min = 0});
  v.field(
      "quiet_wait_s", t.quiet_wait_s,
      {.doc =
           "waited for others on the machine to rest, what was taken again among it; null where the run did "
           "not wait (/measure/quiet_wait_seconds)",
       .unit = "s",
       .min = 0});
  v.field(
      "quiet_speed", t.quiet_speed,
      {.doc = "of the loop that tells whether others rest, at its best: blocks were judged by it; null where "
              "the run did not wait",
       .unit = "B/s",
       .min = 0});
  v.field(
      "disturbed_blocks", t.disturbed_blocks,
      {.doc = "taken again, since others on the machine slowed the device beside them; null where the run "
              "did not wait",
       .min = 0});
  v.field("unquiet_blocks", t.unquiet_blocks,
          {.doc = "disturbed too, and kept because the wait was over", .min = 0});
  v.field("late_blocks", t.late_blocks,
          {.doc = "whose work was enqueued too late to be timed without the host", .min = 0});
}

template <class Visitor>
void describe(Visitor& v, PictureResult::Found& f) {
  v.field("box", f.box, {.doc = "left, top, right, bottom in pixels; empty: the picture as a whole"});
  v.field("score", f.score, {.required = true});
  v.field("class", f.kind, {.min = 0});
}

template <class Visitor>
void describe(Visitor& v, PictureResult& p) {
  v.field("jpeg_base64", p.jpeg_base64, {.doc = "the picture, made smaller where it is large"});
  v.field("width", p.width, {.doc = "in the pixels that boxes are told in", .min = 0});
  v.field("height", p.height, {.min = 0});
  v.field("found_in_all", p.found_in_all, {.doc = "of which the surest are listed", .min = 0});
  v.field("found", p.found, {});
}

template <class Visitor>
void describe(Visitor& v, MemoryResult& m) {
  v.field("weight_bytes", m.weight_bytes, {.min = 0});
  v.field("input_bytes", m.input_bytes, {.doc = "token ids, tables and the like", .min = 0});
  v.field("state_bytes", m.state_bytes, {.doc = "KV cache and the like", .min = 0});
  v.field("activation_bytes", m.activation_bytes, {.doc = "the most alive at once", .min = 0});
  v.field("workspace_bytes", m.workspace_bytes, {.doc = "held by kernels beside them"});
  v.field("planned_peak_bytes", m.planned_peak_bytes, {.doc = "of the device, without workspaces", .min = 0});
  v.field("host_bytes", m.host_bytes, {.doc = "of the host that feeds it", .min = 0});
  v.field("measured_peak_bytes", m.measured_peak_bytes,
          {.doc = "what the system says the session took: resident set, or the driver's count"});
}

template <class Visitor>
void describe(Visitor& v, CaseResult& c) {
  v.field("id", c.id, {.doc = "the same on every device", .required = true});
  v.field("device", c.device, {.doc = "id of one of `devices`", .required = true});
  v.field("workload", c.workload, {.doc = "llm, encoder, ..."});
  v.field("model", c.model, {.doc = "its name in case ids"});
  v.field("run", c.run, {.doc = "name of its run config: cases of one differ in their axes alone"});
  v.field("axes", c.axes, {.doc = "sweep axes and their values here"});
  v.field("load", c.load, {.doc = "of its run config at this case's values: also what is not swept"});
  v.field("seed", c.seed, {.doc = "of weights, inputs and sampling"});
  v.field("in_flight", c.in_flight, {.doc = "passes at once, each on a lane of its own", .min = 1});
  v.field("weights", c.weights, {.doc = "where weights came from: seed, or a checkpoint's name"});
  v.field("status", c.status,
          {.doc = "not_a_measurement: it ran, and its figures may not be used", .required = true});
  v.field("reason", c.reason, {.doc = "why it is not ok"});
  v.field("warnings", c.warnings, {.doc = "why its figures are to be read with care, and the remedy"});
  v.field("facts", c.facts, {.doc = "what holds without measuring"});
  v.field("notes", c.notes,
          {.doc = "what a reader should know of the plan: what was cut, and what it flatters"});
  v.field("conditions", c.conditions,
          {.doc = "names of facts that no figure may be shown without: what the traffic is like"});
  v.field("verification", c.verification, {});
  v.field("metrics", c.metrics, {.doc = "headline figures"});
  v.field("series", c.series, {.doc = "every raw draw, once"});
  v.field("peaks", c.peaks, {.doc = "probed beside the blocks: by a path, or a dtype"});
  v.field("stages", c.stages, {});
  v.field("choices", c.choices, {.doc = "kernels that were chosen; --choices uses them again"});
  v.field("memory", c.memory, {});
  v.field("telemetry", c.telemetry, {});
  v.field("picture", c.picture, {.doc = "what the first pass looked at, and what it found"});
  v.field("repro", c.repro, {.doc = "command that runs this case alone"});
}

template <class Visitor>
void describe(Visitor& v, DeviceResult& d) {
  constexpr std::int64_t kNone = 0;  // no device has 0 bytes or 0 cores
  v.field("id", d.id, {.doc = "cpu, cuda:0", .required = true});
  v.field("kind", d.kind, {.doc = "cpu, cuda"});
  v.field("name", d.name, {.doc = "as the device names itself"});
  field_or_null(v, "memory_bytes", d.memory_bytes, kNone, {});
  field_or_null(v, "cache_bytes", d.cache_bytes, kNone, {.doc = "last level"});
  field_or_null(v, "units", d.units, kNone, {.doc = "cores used, multiprocessors"});
  v.field("peaks", d.peaks, {.doc = "probed before the cases"});
  v.field("peaks_after", d.peaks_after, {.doc = "probed after them: how much the machine moved meanwhile"});
  v.field("properties", d.properties, {.doc = "driver, instruction set, threads, ..."});
}

template <class Visitor>
void describe(Visitor& v, ToolResult& t) {
  v.field("version", t.version, {});
  v.field("git", t.git, {.doc = "revision it was built from"});
  v.field("build", t.build, {.doc = "build type and compiler"});
}

template <class Visitor>
void describe(Visitor& v, Interleaving& i) {
  v.field("id", i.id, {.doc = "the same in both sides, and in no other run", .required = true});
  v.field("side", i.side, {.doc = "a or b", .required = true});
  v.field("seed", i.seed, {.doc = "of the order"});
  v.field(
      "blocks", i.blocks,
      {.doc = "of four turns each, abba or baab; the k-th session of side a, in every case, is the k-th a",
       .required = true});
  v.field("partner", i.partner, {.doc = "how the other side was made: its program and its config"});
}

template <class Visitor>
void describe(Visitor& v, Result& r) {
  v.field("schema", r.schema, {.doc = "assay.result/2", .required = true});
  v.field("tool", r.tool, {});
  v.field("name", r.name, {.doc = "of the run config"});
  field_or_null(v, "title", r.title, std::string(), {.doc = "of its reports; null: its name is"});
  v.field("started_at", r.started_at, {.doc = "UTC, ISO 8601"});
  v.field("finished_at", r.finished_at, {.doc = "UTC, ISO 8601"});
  v.field("status", r.status, {.doc = "complete or partial", .required = true});
  field_or_null(
      v, "cases_planned", r.cases_planned, std::int64_t{0},
      {.doc = "cases that the run set out to measure, each device's; more than `cases` where it was "
              "cut short",
       .min = 0});
  v.field("config", r.config, {.doc = "after defaults and --set: feeding it back repeats the run"});
  v.field("command", r.command, {.doc = "argv"});
  v.field("environment", r.environment, {.doc = "OS, kernel, compiler, libraries, governor, ..."});
  v.field("devices", r.devices, {.required = true});
  v.field("cases", r.cases, {.required = true});
  v.field("warnings", r.warnings, {.doc = "cause and remedy each"});
  v.field("interleaving", r.interleaving,
          {.doc = "of one of two results whose sessions were taken in turn; null: it was run alone"});
}

}  // namespace assay
