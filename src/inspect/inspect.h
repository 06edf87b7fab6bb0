// SPDX-License-Identifier: Apache-2.0
// What plans say before anything runs: parameters, memory, FLOPs and bytes, and for devices of the catalogue
// whether they fit and how fast they could be at best ("assay.inspect/1").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fields.h"
#include "inspect/answer.h"
#include "plan/plan.h"

namespace assay {

/// Steps of a stage that share a label and an op.
struct OpInspection {
  std::string name, kind, shape;
  std::int64_t calls = 0;
  double flops = 0;   // of one call
  BytesByPath bytes;  // of one call
};

struct StageInspection {
  std::string name;
  Place place = Place::device;
  std::int64_t iterations = 1;                          // in a pass
  double flops = 0, bytes_read = 0, bytes_written = 0;  // of one iteration, in the device's memory
  BytesByPath bytes;                                    // of one iteration
  std::vector<OpInspection> ops;
};

struct ParameterCount {
  std::int64_t total = 0, active = 0;
};

struct Inspection {
  std::string schema = "assay.inspect/1";
  std::string workload, name, architecture;
  std::string case_id;
  std::int64_t cases = 1;  // of the config; this is the first, on the first device
  ParameterCount parameters;
  std::int64_t weight_bytes = 0;
  std::optional<std::int64_t> kv_bytes_per_token;
  std::vector<StageInspection> stages;
  std::int64_t peak_memory_bytes = 0;  // weights, state and the most activations alive at once
  std::string device;                  // of the catalogue; "" where none was asked for
  std::optional<bool> fits;
  std::optional<std::map<std::string, double>> bound_seconds, roofline_seconds;  // of a run of each stage
  std::vector<std::string> notes;                                                // the plan's
  std::vector<Answer> answers;  // one a case and device, in this order
};

/// What the plan alone says; no answers.
Inspection inspect_plan(const Plan& plan);
/// Of every case, which are planned one after the other.
Inspection inspect_cases(std::span<const Case> cases, CatalogueDevices devices);

template <class Visitor>
void describe(Visitor& v, OpInspection& o) {
  v.field("name", o.name);
  v.field("kind", o.kind);
  v.field("shape", o.shape);
  v.field("calls", o.calls);
  v.field("flops", o.flops);
  v.field("bytes", o.bytes);
}

template <class Visitor>
void describe(Visitor& v, StageInspection& s) {
  v.field("name", s.name);
  v.field("place", s.place);
  v.field("iterations", s.iterations);
  v.field("flops", s.flops);
  v.field("bytes_read", s.bytes_read);
  v.field("bytes_written", s.bytes_written);
  v.field("bytes", s.bytes);
  v.field("ops", s.ops);
}

template <class Visitor>
void describe(Visitor& v, ParameterCount& p) {
  v.field("total", p.total);
  v.field("active", p.active);
}

template <class Visitor>
void describe(Visitor& v, Inspection& i) {
  v.field("schema", i.schema);
  v.field("workload", i.workload);
  v.field("name", i.name);
  v.field("architecture", i.architecture);
  v.field("case", i.case_id);
  v.field("cases", i.cases);
  v.field("parameters", i.parameters);
  v.field("weight_bytes", i.weight_bytes);
  v.field("kv_bytes_per_token", i.kv_bytes_per_token);
  v.field("stages", i.stages);
  v.field("peak_memory_bytes", i.peak_memory_bytes);
  v.field("device", i.device);
  v.field("fits", i.fits);
  v.field("bound_seconds", i.bound_seconds);
  v.field("roofline_seconds", i.roofline_seconds);
  v.field("notes", i.notes);
  v.field("answers", i.answers);
}

}  // namespace assay
