// SPDX-License-Identifier: Apache-2.0
// A result file as plain structs ("assay.result/1"), all that is needed to judge and repeat a run. The field
// declarations stand in result_fields.h; result_json.h is the one reader and writer. Unknown is nullopt.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fields.h"

namespace assay {

inline constexpr std::string_view kResultSchema = "assay.result/1";

struct MetricResult {
  std::string unit;    // "s", "1/s", "1"
  std::string better;  // "lower", "higher"
  double median = 0;
  std::vector<double> ci95;  // [low, high] of the median; empty where the samples do not support one
  double min = 0, max = 0;
  std::optional<double> p90, p99;  // only where the samples support them
  std::int64_t n = 0;
  std::optional<bool> converged;  // the interval met target_ci before max_seconds
  std::vector<double> samples;    // in the order taken
  std::string definition;         // one sentence, headline metrics only
  std::string stage;              // headline metrics: the stage whose time they come from
  std::optional<double> ceiling;  // the best value that the measured peaks allow (analyse/roofline.h)
  std::string peak_of;            // utilisations: the peak they are shares of, "bytes" or a dtype
  std::optional<double> peak;     // its value, in bytes/s or FLOP/s
};

struct OfPeak {
  std::optional<double> datasheet, measured;  // share, 1 = at the ceiling; of the ceiling that binds
};

struct OpResult {
  std::string name;    // label of the steps: "qkv"
  std::string kind;    // "matmul"
  std::string kernel;  // chosen: "onednn"
  std::string shape;
  std::string dtype;                   // Op::dtype(): the arithmetic peak that is its ceiling
  std::int64_t calls = 0;              // an iteration of the stage
  double flops = 0, bytes = 0;         // of one call
  std::optional<MetricResult> time_s;  // of one call
  std::optional<double> share;         // of the sum over the stage's ops
  std::optional<std::string> bound;    // compute | memory | launch | transfer
  std::optional<double> flops_per_s, bytes_per_s, intensity;  // achieved; intensity: FLOP/byte
  OfPeak of_peak;
  std::map<std::string, double> rejected;  // other kernels that verified: name -> median seconds
};

struct StageResult {
  std::string name;
  std::int64_t iterations = 0;
  double flops = 0, bytes = 0;         // of one iteration
  std::optional<MetricResult> time_s;  // of one iteration, end to end
  std::optional<double> ceiling_s;     // least time at the measured peaks: the sum over the ops
  OfPeak of_peak;
  std::vector<OpResult> ops;
};

struct OpVerification {
  std::string op, shape, kernel, status;  // passed | failed | skipped
  std::optional<double> error, tolerance;
  std::string tolerance_factors;
  std::int64_t checked = 0;  // output elements compared
  std::string reason;
};

struct VerificationResult {
  std::string status;                                   // passed | failed
  std::optional<double> max_relative_error, tolerance;  // of the op nearest to its tolerance
  std::vector<double>
      output_digest;  // a few elements and moments of the plan's outputs, for comparing devices
  std::vector<OpVerification> ops;
};

struct TelemetryResult {
  std::optional<double> power_w, energy_j, sm_clock_mhz, temperature_c;
  std::vector<std::string> throttle_reasons;
  std::int64_t discarded_samples = 0;
};

struct MemoryResult {
  std::int64_t weight_bytes = 0, state_bytes = 0, activation_bytes = 0;
  std::int64_t planned_peak_bytes = 0;
  std::optional<std::int64_t> measured_peak_bytes;
};

struct CaseResult {
  std::string id;      // "llm/qwen2.5-0.5b/bf16/batch=1"
  std::string device;  // "cpu", "cuda:0"
  std::string workload;
  Json axes = Json::object();
  std::string status;  // ok | skipped | failed
  std::optional<std::string> reason;
  Json model = Json::object();  // facts: architecture, parameters, kv_bytes_per_token
  std::optional<VerificationResult> verification;
  std::map<std::string, MetricResult> metrics;
  std::vector<StageResult> stages;
  std::optional<MemoryResult> memory;
  std::optional<TelemetryResult> telemetry;
  std::string repro;
};

struct CeilingResult {
  std::optional<double> datasheet, measured;
  std::string source;
};

struct PeaksResult {
  std::map<std::string, CeilingResult> flops_per_s;  // by dtype
  CeilingResult bytes_per_s;
  std::optional<double> launch_s;
};

struct DeviceResult {
  std::string id, kind, name;
  std::int64_t memory_bytes = 0, cache_bytes = 0, units = 0;
  PeaksResult peaks;        // probed before the cases
  PeaksResult peaks_after;  // and after them: how much the machine moved meanwhile
  std::map<std::string, std::string> properties;
};

struct ToolResult {
  std::string version, git, build;
};

struct Result {
  std::string schema = std::string(kResultSchema);
  ToolResult tool;
  std::string name;                     // of the run config
  std::string started_at, finished_at;  // UTC, ISO 8601
  std::string status = "partial";       // complete | partial
  Json config = Json::object();         // after defaults and --set: feeding it back repeats the run
  std::vector<std::string> command;     // argv
  std::map<std::string, std::string> environment;  // OS, kernel, compiler, libraries, governor ...
  std::vector<DeviceResult> devices;
  std::vector<CaseResult> cases;
  std::vector<std::string> warnings;  // cause and remedy each
};

}  // namespace assay
